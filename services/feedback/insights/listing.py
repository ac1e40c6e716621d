"""The lists of tickets that numbers link to."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class TicketList:
    """`ids` are the newest of `total`, the newest first."""

    anchor: str
    title: str
    ids: tuple[str, ...]
    total: int


def listing(anchor: str, title: str, tickets: Sequence[str]) -> TicketList:
    """The newest of tickets that are given the oldest first."""
    return TicketList(anchor, title, tuple(tickets[::-1][:MOST_LISTED]), len(tickets))
