"""Events of several kinds, each handled with its own, and the outcomes in the events' order."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.envelope import Event, new_event
from shared.events import Payload, Reported, TicketReleased, TicketReopened, TicketResolved
from shared.outcome import Outcome, by_kind

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def told(data: Payload) -> Event[Any]:
    return new_event(data, cause=repr(data), source="/test", now=NOW)


RESOLVED = [told(TicketResolved(ticket_id=name)) for name in "ac"]
RELEASED, REOPENED = told(TicketReleased(ticket_id="b")), told(TicketReopened(ticket_id="d"))


def noting(calls: list[str], name: str) -> Callable[..., Awaitable[Sequence[Outcome]]]:
    """Answers each event with an error of its own, so that outcomes can be told apart."""

    async def handle(events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        calls.append(f"{name}: {' '.join(event.data.ticket_id for event in events)}")
        return [Outcome(error=ValueError(f"{name} of {event.data.ticket_id}")) for event in events]

    return handle


async def test_each_kind_is_handled_at_once_and_the_order_is_kept() -> None:
    calls: list[str] = []
    events = [RESOLVED[0], RELEASED, RESOLVED[1], REOPENED]
    found = await by_kind(
        events,
        {
            TicketReleased: noting(calls, "released"),
            TicketResolved: noting(calls, "resolved"),
            Payload: noting(calls, "others"),
        },
    )
    assert calls == ["released: b", "resolved: a c", "others: d"]
    assert [str(outcome.error) for outcome in found] == [
        "resolved of a",
        "released of b",
        "resolved of c",
        "others of d",
    ]


async def test_the_first_kind_that_fits_has_it_and_one_without_events_is_not_asked() -> None:
    calls: list[str] = []
    kinds: dict[type[Payload], Any] = {
        Reported: noting(calls, "reports"),
        TicketReleased: noting(calls, "released"),
    }
    await by_kind([RELEASED], kinds)
    assert calls == ["reports: b"]


async def test_what_nobody_handles_is_an_error_before_anything_is_done() -> None:
    calls: list[str] = []
    with pytest.raises(LookupError, match=r"ticket\.reopened"):
        await by_kind([RELEASED, REOPENED], {TicketReleased: noting(calls, "released")})
    assert calls == []
