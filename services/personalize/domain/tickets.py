"""Which tickets a customer has, and which of them are open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MOST_TICKETS = 200
"""Tickets remembered, those last heard of: an older one would count as new, and as not open."""


@dataclass(frozen=True, slots=True)
class TicketState:
    """What was last said of a ticket, at `at`. `written` says that a message of it counts."""

    at: datetime
    ticket_id: str
    is_open: bool
    written: bool


def with_message(
    tickets: Sequence[TicketState], ticket_id: str, at: datetime
) -> tuple[TicketState, ...]:
    """The customer wrote: the ticket is open from then on, until it is closed."""
    return _with(tickets, TicketState(at, ticket_id, is_open=True, written=True))


def with_status(
    tickets: Sequence[TicketState], ticket_id: str, at: datetime, is_open: bool
) -> tuple[TicketState, ...]:
    """It was closed or opened again, in any order with what else is said of it."""
    return _with(tickets, TicketState(at, ticket_id, is_open, written=False))


def has_written(tickets: Sequence[TicketState], ticket_id: str) -> bool:
    """Whether a message of the ticket counts."""
    return any(one.written for one in tickets if one.ticket_id == ticket_id)


def open_others(tickets: Sequence[TicketState], ticket_id: str) -> list[TicketState]:
    """The open tickets other than this one."""
    return [one for one in tickets if one.is_open and one.ticket_id != ticket_id]


def _with(tickets: Sequence[TicketState], told: TicketState) -> tuple[TicketState, ...]:
    before = next((one for one in tickets if one.ticket_id == told.ticket_id), told)
    # Of what is said of one moment, that it is closed counts: who closes knows of the message.
    last = max(before, told, key=lambda one: (one.at, not one.is_open))
    merged = TicketState(last.at, last.ticket_id, last.is_open, before.written or told.written)
    others = [one for one in tickets if one.ticket_id != told.ticket_id]
    ordered = sorted([*others, merged], key=lambda one: (one.at, one.ticket_id))
    return tuple(ordered[-MOST_TICKETS:])
