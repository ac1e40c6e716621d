"""Feedback over the real database: any order, any repetition, and crashes at every step."""

import asyncio
from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.feedback.documents import history_of, outcome_document, waiting_document
from services.feedback.domain.contacts import Contact
from services.feedback.domain.history import TicketHistory
from services.feedback.domain.verdicts import JudgedResponse, Waiting, judge
from services.feedback.mongo import MongoHistories, MongoOutcomes
from shared.envelope import Event
from shared.events import FeedbackRated, TicketResolved
from shared.mongo import Mongo
from tests.component.feedback.kit import Killed, database, handler, stored, verdicts
from tests.unit.feedback.quality_kit import HISTORY, VERDICTS, Memory, at, response, told


async def state_of(mongo: Mongo) -> tuple[Any, ...]:
    found = await stored(mongo)
    histories = [history_of(ticket) for ticket in found["tickets"]]
    return {one.ticket_id: one for one in histories}, found["outcomes"], found["waiting"]


async def state_after(url: str, events: Sequence[Event[Any]]) -> tuple[Any, ...]:
    async with database(url) as mongo:
        for event in events:
            await handler(mongo).record([event])
        return await state_of(mongo)


async def state_in_memory() -> tuple[Any, ...]:
    """What is to stand in the database, judged without one."""
    memory = Memory()
    await memory.handler.record(HISTORY)
    outcomes = [outcome_document(one) for one in memory.outcomes.values()]
    waits = [waiting_document(one) for one in memory.waits.values()]
    return memory.tickets, *(sorted(some, key=itemgetter("_id")) for some in (outcomes, waits))


async def test_a_history_ends_in_its_verdicts_and_a_second_time_changes_nothing(
    mongo: Mongo,
) -> None:
    for event in HISTORY:
        (outcome,) = await handler(mongo).record([event])
        assert (outcome.error, outcome.publish) == (None, ())
    found = (await stored(mongo))["outcomes"]
    assert {one["response_id"]: (one["verdict"], one["because"]) for one in found} == VERDICTS
    before = await stored(mongo)
    for event in HISTORY:
        await handler(mongo).record([event])
    assert await stored(mongo) == before


async def test_a_wave_of_many_tickets_is_the_same_as_one_by_one(
    mongo: Mongo, mongo_url: str
) -> None:
    first = {event.key: event for event in reversed(HISTORY)}
    await handler(mongo).record(list(first.values()))
    assert await state_of(mongo) == await state_after(mongo_url, list(first.values()))


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    # Over a database, looking for the smallest failure takes minutes; the unit test finds it.
    phases=[Phase.reuse, Phase.generate],
)
@given(order=st.permutations(range(len(HISTORY))), again=st.lists(st.sampled_from(HISTORY)))
def test_shuffled_and_repeated_a_history_ends_in_the_same_state(
    mongo_url: str, order: list[int], again: list[Event[Any]]
) -> None:
    async def both() -> None:
        shuffled = [HISTORY[number] for number in order]
        half = len(shuffled) // 2
        found = await state_after(mongo_url, [*shuffled[:half], *again, *shuffled[half:]])
        assert found == await state_in_memory()

    asyncio.run(both())


async def test_all_at_once_in_processes_of_their_own_ends_in_the_same_state(mongo: Mongo) -> None:
    await asyncio.gather(*(handler(mongo).record([event]) for event in HISTORY))
    assert await state_of(mongo) == await state_in_memory()


class DyingBeforeOutcomes(MongoOutcomes):
    """Killed when the facts are stored and their verdicts are not."""

    async def save(self, judged: Sequence[JudgedResponse], waiting: Sequence[Waiting] = ()) -> None:
        raise Killed


async def test_killed_between_facts_and_verdicts_the_redelivery_completes_them(
    mongo: Mongo,
) -> None:
    await handler(mongo).record([response(1)])
    rated = told(FeedbackRated(ticket_id="T-1", rating=1, occurred_at=at(2)))
    with pytest.raises(Killed):
        await handler(mongo, DyingBeforeOutcomes(mongo)).record([rated])
    assert await verdicts(mongo) == {"T-1/r1": "unknown"}
    await handler(mongo).record([rated])
    assert await verdicts(mongo) == {"T-1/r1": "bad"}


class DyingBeforeRepeats(MongoOutcomes):
    """Killed when a ticket is judged and what it means for the customer's others is not."""

    async def contacts(self, near: Collection[Contact]) -> Sequence[Contact]:
        raise Killed


async def test_killed_before_the_other_tickets_the_redelivery_completes_them(mongo: Mongo) -> None:
    mine: dict[str, Any] = {"customer_key": "somebody"}
    await handler(mongo).record([response(0, "T-1", **mine)])
    again = response(60, "T-2", **mine)
    with pytest.raises(Killed):
        await handler(mongo, DyingBeforeRepeats(mongo)).record([again])
    await handler(mongo).record([again])
    assert await verdicts(mongo) == {"T-1/r0": "bad", "T-2/r60": "unknown"}


async def test_a_process_that_comes_late_with_an_older_state_overwrites_nothing(
    mongo: Mongo,
) -> None:
    await handler(mongo).record([response(1)])
    old: Sequence[TicketHistory] = await MongoHistories(mongo).load(["T-1"])
    rated = told(FeedbackRated(ticket_id="T-1", rating=1, occurred_at=at(2)))
    await handler(mongo).record([rated])
    await MongoOutcomes(mongo).save([one for history in old for one in judge(history)])
    assert await verdicts(mongo) == {"T-1/r1": "bad"}


async def test_processes_at_once_on_one_ticket_lose_no_fact(mongo: Mongo) -> None:
    events: list[Event[Any]] = [response(n, intent=f"wish {n}") for n in range(8)]
    closed = [at(n + 0.5) for n in range(8)]
    events += [
        told(TicketResolved(ticket_id="T-1", resolved_by="agent", occurred_at=when))
        for when in closed
    ]
    await asyncio.gather(*(handler(mongo).record([event]) for event in events))
    for event in events[-1:]:
        await handler(mongo).record([event])
    assert set((await verdicts(mongo)).values()) == {"good"}
    assert len(await verdicts(mongo)) == 8
