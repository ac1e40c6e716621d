"""Personalize's handler over the real database: every example twice, races and crashes included."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.personalize.domain.ledger import REMEMBERED
from services.personalize.domain.profile import Entry, Profile
from services.personalize.handlers import SOURCE, PersonalizeHandler
from services.personalize.mongo import MongoProfiles
from shared import ids
from shared.envelope import Event
from shared.events import CustomerErased, FeedbackRated, InteractionRecorded, TicketPersonalized
from shared.mongo import Mongo
from tests.unit.personalize.kit import NOON, made, message, personalized, process, view


class Killed(BaseException):
    """The process ends here: nothing after it is carried out, nothing catches it."""


@pytest.fixture
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    mongo = Mongo(mongo_url, f"personalize_{uuid.uuid4().hex}")
    await MongoProfiles(mongo).create_indexes()
    yield mongo
    await mongo.database.client.drop_database(mongo.database.name)
    await mongo.close()


@pytest.fixture
def handler(mongo: Mongo) -> PersonalizeHandler:
    return process(MongoProfiles(mongo))


async def stored(mongo: Mongo) -> dict[str, list[Any]]:
    names = ("profiles", "archive")
    return {name: await mongo.database[name].find().sort("_id").to_list(None) for name in names}


async def profile(mongo: Mongo, customer: str = "c1") -> Profile:
    return (await MongoProfiles(mongo).load([customer]))[customer]


async def test_a_known_customer_comes_with_their_history(handler: PersonalizeHandler) -> None:
    first, second = message(0, sentiment="very_negative"), message(1)
    (one,) = await personalized(handler, first)
    (two,) = await personalized(handler, second)
    assert one.id == ids.derived(first.id, TicketPersonalized.TYPE)
    assert (one.source, one.traceparent[:35]) == (SOURCE, first.traceparent[:35])
    assert one.data.ticket == first.data.ticket
    assert one.data.understanding == first.data.understanding
    assert view(one).known is False
    known = view(two)
    assert (known.known, known.tickets, known.messages) == (True, 1, 1)
    assert (known.by_intent, known.languages) == ({"order_status": 1}, {"en": 1})
    assert known.channels == {"web.chat": 1}
    assert known.sentiment_trend == -1.0
    assert known.last_contact_at == NOON.replace(microsecond=123000)


async def test_somebody_without_an_id_is_unknown_and_leaves_no_trace(
    handler: PersonalizeHandler, mongo: Mongo
) -> None:
    events = [message(0, customer=None), message(1, customer=None)]
    first = await personalized(handler, *events)
    assert [view(event).known for event in first] == [False, False]
    assert await personalized(handler, *events) == first
    assert await stored(mongo) == {"profiles": [], "archive": []}


async def test_a_wave_delivered_again_gives_the_same_events_and_changes_nothing(
    handler: PersonalizeHandler, mongo: Mongo
) -> None:
    # One customer with several tickets in the wave, others, and nobody in particular.
    wave = [message(n, "c1") for n in range(5)]
    wave += [message(n, f"c{n}") for n in range(5, 8)] + [message(9, None)]
    first = await personalized(handler, *wave)
    before = await stored(mongo)
    assert [view(event).tickets for event in first[:5]] == [0, 1, 2, 3, 4]
    assert await personalized(handler, *wave) == first
    assert await personalized(process(MongoProfiles(mongo)), *reversed(wave)) == first[::-1]
    assert await stored(mongo) == before


async def test_a_whole_topic_delivered_again_changes_nothing_however_busy_the_customer(
    handler: PersonalizeHandler, mongo: Mongo
) -> None:
    messages = [message(n, ticket=f"T-{n // 2}") for n in range(REMEMBERED * 4)]
    first = [(await personalized(handler, one))[0] for one in messages]
    before = await stored(mongo)
    assert len(before["archive"]) == REMEMBERED * 3
    again = [(await personalized(handler, one))[0] for one in messages]
    assert again == first
    assert await stored(mongo) == before
    assert view(again[-1]).messages == REMEMBERED * 4 - 1


async def test_a_crowd_of_one_customer_in_one_wave_counts_once(
    handler: PersonalizeHandler, mongo: Mongo
) -> None:
    crowd = [message(n) for n in range(REMEMBERED * 3)]
    first = await personalized(handler, *crowd)
    await personalized(handler, message(1000))
    assert await personalized(handler, *crowd) == first
    assert (await profile(mongo)).messages == REMEMBERED * 3 + 1


async def test_processes_racing_for_one_customer_lose_and_double_nothing(mongo: Mongo) -> None:
    processes = [process(MongoProfiles(mongo)) for _ in range(4)]
    messages = [message(n) for n in range(32)]
    racing = [
        personalized(processes[n % 4], messages[n], messages[(n + 1) % 32]) for n in range(32)
    ]
    results: list[Any] = []
    for start in range(0, 32, 4):
        results += await asyncio.gather(*racing[start : start + 4])
    assert (await profile(mongo)).messages == 32
    seen: dict[str, Any] = {}
    assert all(seen.setdefault(e.id, e) == e for found in results for e in found)
    assert sorted(view(event).messages for event in seen.values()) == list(range(32))


class DyingAfterArchive(MongoProfiles):
    """Killed between the archive and the profile that lets go of what is archived."""

    async def save(self, profiles: Sequence[Profile]) -> bool:
        raise Killed


class DyingAfterSave(MongoProfiles):
    """Killed when everything is stored and nothing published yet."""

    async def save(self, profiles: Sequence[Profile]) -> bool:
        await super().save(profiles)
        raise Killed


@pytest.mark.parametrize("adapter", [DyingAfterArchive, DyingAfterSave])
@pytest.mark.parametrize("earlier", [0, REMEMBERED, REMEMBERED * 2])
async def test_killed_at_any_step_a_message_counts_once(
    mongo: Mongo, adapter: type[MongoProfiles], earlier: int
) -> None:
    handler = process(MongoProfiles(mongo))
    for n in range(earlier):
        await personalized(handler, message(n))
    with pytest.raises(Killed):
        await process(adapter(mongo)).personalize([message(earlier)])
    (event,) = await personalized(handler, message(earlier))
    assert view(event).messages == earlier
    assert await personalized(handler, message(earlier)) == [event]
    assert (await profile(mongo)).messages == earlier + 1


async def test_interactions_and_ratings_show_in_the_next_view(
    handler: PersonalizeHandler, mongo: Mongo
) -> None:
    await personalized(handler, message(0, ticket="T-9"))
    told = [
        made(InteractionRecorded(customer_key="c1", kind="purchased", value=9.5), "a"),
        made(InteractionRecorded(customer_key="c1", kind="viewed"), "b"),
        made(InteractionRecorded(customer_key="c2", kind="viewed"), "c"),
        made(FeedbackRated(ticket_id="T-1", customer_key="c1", rating=5), "d"),
        made(FeedbackRated(ticket_id="T-9", rating=2), "e"),
        made(FeedbackRated(ticket_id="T-unknown", rating=1), "f"),
        made(FeedbackRated(ticket_id="T-9", thumbs="up"), "g"),
        made(InteractionRecorded(customer_id="nobody we know", kind="used"), "h"),
    ]
    for _ in range(2):
        outcomes = await handler.learn(told)
        assert all(outcome.error is None and not outcome.publish for outcome in outcomes)
    one, two = await personalized(handler, message(1), message(2, "c2"))
    assert view(one).interactions == {"purchased": 1, "viewed": 1}
    # Two ratings, and a thumb that counts as five stars.
    assert view(one).satisfaction == 4.0
    assert (view(two).known, view(two).interactions) == (True, {"viewed": 1})
    before = await stored(mongo)
    await handler.learn(told)
    assert await stored(mongo) == before


async def test_an_erased_customer_is_gone_and_stays_gone(
    handler: PersonalizeHandler, mongo: Mongo
) -> None:
    messages = [message(n) for n in range(REMEMBERED * 2)]
    for one in messages:
        await personalized(handler, one)
    await personalized(handler, message(0, "c2"))
    erased = made(
        CustomerErased(customer_key="c1", requested_at=NOON + timedelta(hours=1)), "erasure"
    )
    await handler.learn([erased])
    (mark, other) = (await stored(mongo))["profiles"]
    assert (mark["messages"], mark["ticket_ids"], mark["recent"]) == (0, [], [])
    assert mark["expires_at"] > NOON
    assert other["messages"] == 1
    assert (await stored(mongo))["archive"] == []
    # What was on its way, and what is delivered again, brings nothing back.
    late = await personalized(handler, *messages)
    assert not any(view(event).known for event in late)
    assert await personalized(handler, *messages) == late
    assert not (await profile(mongo)).known
    # The customer comes back, and the erasure is delivered once more.
    await personalized(handler, message(100))
    await handler.learn([erased])
    (event,) = await personalized(handler, message(101))
    assert view(event).messages == 1
    assert "expires_at" not in (await stored(mongo))["profiles"][0]


class ErasedMeanwhile(MongoProfiles):
    """Another process erases the customer while this one is about to archive."""

    def __init__(self, mongo: Mongo, erase: PersonalizeHandler, erasure: Event[Any]) -> None:
        super().__init__(mongo)
        self._erase = erase
        self._erasure = erasure

    async def archive(self, entries: Mapping[str, Sequence[Entry]], now: datetime) -> None:
        await self._erase.learn([self._erasure])
        await super().archive(entries, now)


async def test_an_erasure_in_the_middle_of_a_wave_leaves_nothing_behind(
    handler: PersonalizeHandler, mongo: Mongo
) -> None:
    for n in range(REMEMBERED):
        await personalized(handler, message(n))
    erasure = made(CustomerErased(customer_key="c1", requested_at=message(90).time), "erasure")
    await personalized(process(ErasedMeanwhile(mongo, handler, erasure)), message(100))
    assert (await stored(mongo))["archive"] == []
    assert (await profile(mongo)).messages == 1
