"""What a customer wrote about lately, ticket by ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.personalize.domain.next_need import Asked

MOST_WISHES = 20
"""Messages remembered, the newest."""


@dataclass(frozen=True, slots=True, order=True)
class Wish:
    """The intent of one message."""

    at: datetime
    ticket_id: str
    intent: str


def with_wish(wishes: Sequence[Wish], wish: Wish) -> tuple[Wish, ...]:
    """The newest wishes, oldest first, in whatever order they become known."""
    return tuple(sorted([*wishes, wish])[-MOST_WISHES:])


def asked_by_ticket(wishes: Sequence[Wish]) -> dict[str, Asked]:
    """Each ticket by its first message, oldest first: that is what it was opened for."""
    first: dict[str, Asked] = {}
    for wish in wishes:
        first.setdefault(wish.ticket_id, Asked(wish.at, wish.intent))
    return first
