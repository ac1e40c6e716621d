"""What is known of one ticket: its responses and what was said of them, in no order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

AUTOMATIC = ("answer", "ask", "act")
"""Decisions that reach the customer without a person."""

RESOLVING = ("answer", "act")
"""Those that can end a wish: a question cannot."""

WAITING = ("draft", "escalate")
"""Those that wait for a person."""

STEPS = ("ingest", "classify", "personalize", "generate")
"""The workers a message passes on its way to a response."""

OTHER_PASSAGE = "other_passage"
"""The reason of a draft whose passage chance took: not the one that its confidence is of."""

Verdict = Literal["good", "bad", "unknown"]
"""What became of a response; unknown is what nobody said anything of."""

SignalKind = Literal[
    "rating", "thumbs", "reviewed", "resolved", "reopened", "intent_corrected", "sent", "repeated"
]


@dataclass(frozen=True, slots=True)
class Response:
    """One response of careloop's to one message, by a `key` derived from its id.

    `asked_at` is when the message came, `total_ms` the milliseconds from then until the response,
    `steps` those of them that each worker took, as far as known, `turn` the message's number in its
    ticket, `queue` whose the ticket is when it is handed over, `cost` counts what was used,
    `length` the characters of the text. The `text` itself, with its placeholders, is kept of a
    draft alone: what the agent makes of it is compared with it.
    """

    key: str
    response_id: str
    message_id: str
    intent: str
    confidence: float
    decision: str
    language: str
    channel: str
    model_version: str
    policy_version: str
    created_at: datetime
    customer_key: str | None = None
    sentiment: str = "neutral"
    priority: str = "normal"
    reasons: tuple[str, ...] = ()
    queue: str | None = None
    asked_at: datetime | None = None
    total_ms: float | None = None
    steps: Mapping[str, float] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)
    written_by: str = "composer"
    turn: int | None = None
    length: int = 0
    text: str | None = None

    @property
    def automatic(self) -> bool:
        return self.decision in AUTOMATIC

    @property
    def contacted_at(self) -> datetime:
        """When the customer wrote; where nobody said so, when they were answered."""
        return self.asked_at or self.created_at


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that happened after a reply, by a `key` derived from its event.

    `value` is the stars of a rating, `up` or `down` of thumbs, the verdict of a review, who closed
    the ticket, or the right intent of a correction. `text` is what an agent made of a draft.
    `response` is the key of the response it names and `message_id` the message it names; with
    neither it is about the newest response there was.

    `sent` says that a draft went out: its key is that of the response that was sent, which counts
    as the draft's. `repeated` says that the customer wrote again on the same wish, in the ticket
    that is its value.
    """

    key: str
    kind: SignalKind
    occurred_at: datetime
    value: str | int | None = None
    response: str | None = None
    message_id: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class TicketHistory:
    """Everything known of a ticket, by key: however often and in whatever order it was told."""

    ticket_id: str
    responses: Mapping[str, Response] = field(default_factory=dict)
    signals: Mapping[str, Signal] = field(default_factory=dict)

    @property
    def facts(self) -> int:
        """How much is known. It only grows, so the more of two states is the later one."""
        return len(self.responses) + len(self.signals)
