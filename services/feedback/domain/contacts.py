"""Who wrote again on the same wish: repeat contacts, within a ticket and across tickets."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from services.feedback.domain.definitions import is_soon
from services.feedback.domain.history import Response, TicketHistory


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer's message with its reply, as other tickets of the same customer see it."""

    key: str
    ticket_id: str
    customer_key: str
    intent: str
    contacted_at: datetime
    replied_at: datetime
    automatic: bool


@dataclass(frozen=True, slots=True)
class Repeat:
    """The customer of `reply` wrote again, with `contact`."""

    reply: Contact
    contact: Contact


def contacts_of(history: TicketHistory) -> Iterator[Contact]:
    """The contacts among a ticket's facts, if it is known whose they are."""
    for one in history.responses.values():
        if one.customer_key is not None:
            yield Contact(
                one.key,
                history.ticket_id,
                one.customer_key,
                one.intent,
                one.contacted_at,
                one.created_at,
                one.automatic,
            )


def repeats_across(new: Iterable[Contact], known: Iterable[Contact]) -> list[Repeat]:
    """The repeat contacts between tickets that a new contact makes or suffers.

    `known` are the customers' contacts, the new ones among them. A pair follows from its two
    contacts alone, so whichever of them comes last finds it.
    """
    same: dict[tuple[str, str], list[Contact]] = defaultdict(list)
    for one in known:
        same[one.customer_key, one.intent].append(one)
    found = {}
    for one in new:
        for other in same[one.customer_key, one.intent]:
            for reply, contact in ((one, other), (other, one)):
                if (
                    reply.automatic
                    and reply.ticket_id != contact.ticket_id
                    and is_soon(reply.replied_at, contact.contacted_at)
                ):
                    found[reply.key, contact.key] = Repeat(reply, contact)
    return list(found.values())


def answers_to_questions(history: TicketHistory) -> frozenset[str]:
    """The responses to messages that answer a question of ours: those are no contacts of their own.

    A message answers a question if the last thing the customer was told before it was one.
    """
    replies = sorted(history.responses.values(), key=lambda one: (one.created_at, one.key))
    return frozenset(one.key for one in replies if _last_told(replies, one) == "ask")


def _last_told(replies: list[Response], one: Response) -> str | None:
    told = [
        other.decision
        for other in replies
        if other.key != one.key and other.created_at <= one.contacted_at
    ]
    return told[-1] if told else None


def repeated_in_ticket(history: TicketHistory, reply: Response, answers: frozenset[str]) -> bool:
    """Whether a further turn of the ticket is a repeat contact after the reply."""
    return any(
        other.key != reply.key
        and other.intent == reply.intent
        and other.key not in answers
        and is_soon(reply.created_at, other.contacted_at)
        for other in history.responses.values()
    )
