"""However a history across tickets arrives, it ends in the same state and the same figures."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.feedback.quality.measuring import Measured, measure
from shared.envelope import Event
from shared.events import FeedbackRated, TicketResolved
from tests.unit.feedback.quality_kit import HISTORY, HOUR, VERDICTS, Memory, at, response, told

LATE = at(30 * 24 * HOUR)


def after(batches: Sequence[Sequence[Event[Any]]]) -> Memory:
    async def run() -> Memory:
        memory = Memory()
        for batch in batches:
            await memory.handler.record(batch)
        return memory

    return asyncio.run(run())


def measured(memory: Memory, now: Any = LATE) -> Measured:
    return asyncio.run(measure(memory, now=now, window=timedelta(days=365)))


def state(memory: Memory) -> Any:
    return memory.tickets, memory.outcomes, memory.waits


def test_the_history_ends_in_its_hand_worked_verdicts() -> None:
    memory = after([[event] for event in HISTORY])
    found = {
        one.response.response_id: (one.verdict, list(one.because))
        for one in memory.outcomes.values()
    }
    assert found == VERDICTS


@settings(max_examples=150, deadline=None)
@given(
    order=st.permutations(range(len(HISTORY))),
    again=st.lists(st.sampled_from(HISTORY), max_size=8),
    cuts=st.sets(st.integers(1, len(HISTORY) + 7)),
)
def test_shuffled_repeated_and_in_any_batches_a_history_ends_in_the_same_state(
    order: list[int], again: list[Event[Any]], cuts: set[int]
) -> None:
    events = [HISTORY[number] for number in order]
    half = len(events) // 2
    events = [*events[:half], *again, *events[half:]]
    ends = [0, *sorted(cut for cut in cuts if cut < len(events)), len(events)]
    batches = [events[begin:end] for begin, end in itertools.pairwise(ends)]
    found, expected = after(batches), after([HISTORY])
    assert state(found) == state(expected)
    assert measured(found).overall.verified == measured(expected).overall.verified


@pytest.mark.parametrize("late_first", [False, True])
def test_a_second_ticket_on_the_same_wish_takes_the_success_from_the_first(
    late_first: bool,
) -> None:
    mine: dict[str, Any] = {"customer_key": "somebody"}
    first = [
        response(0, "T-1", **mine),
        told(TicketResolved(ticket_id="T-1", resolved_by="customer", occurred_at=at(1))),
    ]
    again = [response(71 * HOUR, "T-2", **mine)]
    memory = after([again, first] if late_first else [first, again])
    quality = measured(memory).overall
    assert (quality.verified.part, quality.judged("bad"), quality.judged("silent")) == (0, 1, 1)
    assert quality.returning.part == 1


@pytest.mark.parametrize(
    "other",
    [
        response(73 * HOUR, "T-2", customer_key="somebody"),
        response(HOUR, "T-2", customer_key="somebody", intent="invoice"),
        response(HOUR, "T-2", customer_key="somebody else"),
        response(HOUR, "T-2"),
    ],
)
def test_too_late_another_wish_or_another_customer_is_no_repeat(other: Event[Any]) -> None:
    memory = after([[response(0, "T-1", customer_key="somebody"), other]])
    assert measured(memory).overall.judged("bad") == 0


def test_what_waits_becomes_an_orphan_and_counts_when_its_response_comes_after_all() -> None:
    rated = told(FeedbackRated(ticket_id="T-1", response_id="T-1/r0", rating=5, occurred_at=at(0)))
    closed = told(TicketResolved(ticket_id="T-2", resolved_by="agent", occurred_at=at(0)))
    memory = after([[rated, closed]])
    young, old = measured(memory, at(71 * HOUR)), measured(memory, at(72 * HOUR))
    assert (young.waiting, young.orphans) == (2, 0)
    assert (old.waiting, old.orphans) == (0, 2)
    asyncio.run(memory.handler.record([response(0)]))
    assert (measured(memory).waiting, measured(memory).orphans) == (0, 1)
    assert measured(memory).overall.verified.part == 1
    assert measured(memory).overall.satisfied.part == 1
