"""Which tickets are open, whatever order their messages and endings become known in."""

import itertools
from datetime import UTC, datetime, timedelta

from services.personalize.domain.tickets import (
    MOST_TICKETS,
    TicketState,
    has_written,
    open_others,
    with_message,
    with_status,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
States = tuple[TicketState, ...]


def wrote(states: States, minute: int, ticket: str = "T-1") -> States:
    return with_message(states, ticket, NOON + minute * MINUTE)


def closed(states: States, minute: int, ticket: str = "T-1") -> States:
    return with_status(states, ticket, NOON + minute * MINUTE, is_open=False)


def opened(states: States, minute: int, ticket: str = "T-1") -> States:
    return with_status(states, ticket, NOON + minute * MINUTE, is_open=True)


def ids(states: States, but: str = "") -> list[str]:
    return [one.ticket_id for one in open_others(states, but)]


def test_a_ticket_is_open_until_it_is_closed_and_again_when_it_is_not_solved() -> None:
    states = wrote((), 1)
    assert ids(states) == ["T-1"]
    states = closed(states, 2)
    assert ids(states) == []
    assert ids(opened(states, 3)) == ["T-1"]
    assert ids(wrote(states, 4)) == ["T-1"]


def test_late_news_do_not_open_a_closed_ticket() -> None:
    steps = [(wrote, 1), (closed, 2), (opened, 3), (closed, 4), (wrote, 2)]
    for order in itertools.permutations(steps):
        states: States = ()
        for step, minute in order:
            states = step(states, minute)
        assert ids(states) == []
        assert has_written(states, "T-1")


def test_the_ticket_at_hand_does_not_count_among_the_open_ones() -> None:
    states = wrote(wrote((), 1), 2, "T-2")
    assert ids(states, but="T-2") == ["T-1"]


def test_who_closes_a_ticket_knows_of_a_message_of_the_same_moment() -> None:
    assert ids(closed(wrote((), 1), 1)) == ids(wrote(closed((), 1), 1)) == []


def test_an_ending_before_any_message_leaves_the_ticket_unwritten() -> None:
    states = closed((), 5)
    assert not has_written(states, "T-1")
    assert has_written(wrote(states, 4), "T-1")


def test_those_last_heard_of_are_remembered() -> None:
    states: States = ()
    for number in range(MOST_TICKETS + 10):
        states = wrote(states, number, f"T-{number:04}")
    assert states[0].ticket_id == "T-0010"
    assert len(states) == MOST_TICKETS
