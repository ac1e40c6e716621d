"""An action on its way: the order that is given, its result, and what the ticket remembers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from services.generate.domain.actions.catalogue import Action, Identity
from services.generate.domain.actions.filling import PLACEHOLDER, Known
from shared import ids
from shared.events import CUSTOMER_ID

Status = Literal["done", "refused", "failed"]
StepStatus = Literal["done", "refused", "failed", "asking", "awaiting_approval"]

OUTCOME, REASON, ERROR = "outcome", "reason", "error"
"""Fields of a result: of a failure whether it may have happened and why, of a refusal its code."""
NOT_SENT, UNKNOWN = "not_sent", "unknown"
"""Outcomes of a failure: surely nothing has happened; something may have."""


@dataclass(frozen=True, slots=True)
class Order:
    """An action to be carried out once. `arguments` have placeholders, whose `originals` and the
    customer's id are personal data: they go to the company's system and nowhere else.

    `key` is the idempotency key, `result` are the fields to be answered, `traceparent` is that of
    the message.
    """

    key: str
    action: str
    ticket_id: str
    arguments: Mapping[str, str]
    result: tuple[str, ...]
    reads_only: bool
    customer_key: str | None = None
    traceparent: str | None = None
    customer_id: str = field(default="", repr=False)
    originals: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an order. `fields` as the contract's `Action.result`."""

    key: str
    status: Status
    fields: Mapping[str, str]

    @property
    def may_have_happened(self) -> bool:
        return self.status == "failed" and self.fields.get(OUTCOME) != NOT_SENT


@dataclass(frozen=True, slots=True)
class Step:
    """What one message of a ticket came to, as far as an action goes; stored before its response.

    `asked` are the arguments the customer was asked for. `seals` are those of all messages that
    told an argument, for the originals of each are in its own seal only. `erased`: the customer was
    forgotten, and that it was done is all that is known.
    """

    response_id: str
    key: str
    ticket_id: str
    message_id: str
    turn: int
    action: str
    arguments: Mapping[str, str]
    status: StepStatus
    asked: tuple[str, ...] = ()
    outcome: str | None = None
    seals: tuple[str, ...] = ()
    identity: Identity = "unknown"
    customer_key: str | None = None
    erased: bool = False

    @property
    def known(self) -> Known:
        """What the next message of the ticket carries on from."""
        return Known(self.arguments, self.asked)

    @property
    def may_have_happened(self) -> bool:
        return self.status == "failed" and self.outcome != NOT_SENT


def key_of(ticket_id: str, message_id: str, action: str) -> str:
    """The idempotency key of what this message, the one that completed the arguments, asks for.

    An approval later on changes nothing about it.
    """
    return ids.derived("action", ticket_id, message_id, action)


def order(
    action: Action,
    arguments: Mapping[str, str],
    originals: Mapping[str, str],
    *,
    ticket_id: str,
    message_id: str,
    customer_key: str | None = None,
    traceparent: str | None = None,
) -> Order:
    """The order for a message; `originals` are those of all seals of the ticket that are needed."""
    return Order(
        key=key_of(ticket_id, message_id, action.name),
        action=action.name,
        ticket_id=ticket_id,
        arguments=dict(arguments),
        result=action.result,
        reads_only=action.reads_only,
        customer_key=customer_key,
        traceparent=traceparent,
        customer_id=originals.get(CUSTOMER_ID, ""),
        originals=dict(originals),
    )


def open_step(earlier: Sequence[Step], turn: int) -> Step | None:
    """The question that the message of this turn may answer: one asked about the message right
    before it. After any other message in between it is open no more, for a number said later may
    be said for something else."""
    for step in earlier:
        if step.turn == turn - 1 and step.status == "asking":
            return step
    return None


def with_originals(arguments: Mapping[str, str], originals: Mapping[str, str]) -> dict[str, str]:
    """The arguments as the company's system gets them. Raises KeyError without an original."""
    return {
        name: PLACEHOLDER.sub(lambda match: originals[match[0]], value)
        for name, value in arguments.items()
    }


def without_originals(fields: Mapping[str, str], originals: Mapping[str, str]) -> dict[str, str]:
    """A system's answer with placeholders again where it repeats what the customer told."""
    longest_first = sorted(originals.items(), key=lambda pair: -len(pair[1]))
    return {name: _masked(value, longest_first) for name, value in fields.items()}


def _masked(value: str, originals: Sequence[tuple[str, str]]) -> str:
    for name, original in originals:
        if len(original) > 1:
            value = value.replace(original, name if name.startswith("[") else f"[{name}]")
    return value
