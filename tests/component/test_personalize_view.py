"""What personalize joins to tickets, over profiles in memory and in the real database alike."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from services.personalize.documents import profile_of
from services.personalize.domain.consent import Allowed
from services.personalize.domain.population import Member
from services.personalize.domain.profile import Profile
from services.personalize.domain.purchases import Purchases
from services.personalize.enrichment import Rules
from services.personalize.models import Models
from services.personalize.mongo import MongoProfiles, MongoState
from services.personalize.population import KnownPopulation
from shared.envelope import Event, encode
from shared.events import (
    Consent,
    CustomerErased,
    FeedbackRated,
    ModelPromoted,
    TicketReopened,
    TicketResolved,
)
from shared.mongo import Mongo
from tests.unit.personalize.kit import (
    AGREES,
    FRIENDLY,
    NOON,
    Counted,
    MemoryProfiles,
    interaction,
    made,
    message,
    personalized,
    process,
    served,
    usage,
    view,
)

OFFERS = Rules(Allowed(personalization=True, recommendations=True))
Store = MemoryProfiles | MongoProfiles


@pytest.fixture
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    mongo = Mongo(mongo_url, f"personalize_{uuid.uuid4().hex}")
    await MongoProfiles(mongo).create_indexes()
    yield mongo
    await mongo.database.client.drop_database(mongo.database.name)
    await mongo.close()


@pytest.fixture(params=["memory", pytest.param("mongo", marks=pytest.mark.slow)])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """Every test of this store runs over the fake and over the real one."""
    if request.param == "memory":
        yield MemoryProfiles()
        return
    url = await asyncio.to_thread(request.getfixturevalue, "mongo_url")
    mongo = Mongo(url, f"personalize_{uuid.uuid4().hex}")
    await MongoProfiles(mongo).create_indexes()
    yield MongoProfiles(mongo)
    await mongo.database.client.drop_database(mongo.database.name)
    await mongo.close()


def resolved(ticket: str, minute: int, customer: str | None = None) -> Event[Any]:
    at = NOON + timedelta(minutes=minute)
    data = TicketResolved(ticket_id=ticket, customer_key=customer, occurred_at=at)
    return made(data, f"resolved {ticket} {minute}", at)


def reopened(ticket: str, minute: int) -> Event[Any]:
    at = NOON + timedelta(minutes=minute)
    return made(TicketReopened(ticket_id=ticket, occurred_at=at), f"reopened {ticket} {minute}", at)


def bytes_of(events: Sequence[Event[Any]]) -> list[Any]:
    return [encode(event) for event in events]


WAVE = [
    message(0, "c1", consent=AGREES, preferences=FRIENDLY, attributes={"tenure": "3.5"}),
    message(1, "c1", "T-0", sentiment="very_negative", intent="complaint"),
    message(2, "c2", consent=Consent(personalization=False)),
    message(3, "c3", intent="product_info"),
    message(4, None, preferences=FRIENDLY),
]
HISTORY = [
    *usage(6.3, 16),
    interaction(10, "purchased", item_id="lamp", value=39.9, order_id="o1"),
    interaction(9, "rated", item_id="lamp", value=4.5),
    interaction(8, "viewed", customer="c3", item_id="desk"),
]


async def test_a_redelivery_is_the_same_to_the_byte_though_a_model_was_promoted(
    store: Store,
) -> None:
    handler = process(store, served, rules=OFFERS)
    await handler.learn(HISTORY)
    first = bytes_of(await personalized(handler, *WAVE))
    later = process(store, lambda: served("chair", bias=2.0, version="2"), rules=OFFERS)
    assert bytes_of(await personalized(later, *WAVE)) == first
    none = process(store, Models, rules=Rules())
    assert bytes_of(await personalized(none, *WAVE[:4])) == first[:4]
    # The new model is served to who writes next.
    (event,) = await personalized(later, message(50, "c3"))
    assert view(event).predictions[0].model_version == "behaviour-churn@2"


async def test_a_redelivery_long_after_comes_from_the_archive_to_the_byte(store: Store) -> None:
    handler = process(store, served, rules=OFFERS)
    await handler.learn(HISTORY)
    first = bytes_of(await personalized(handler, WAVE[0]))
    for number in range(60, 100):
        await personalized(handler, message(number))
    later = process(store, lambda: served("chair"), rules=OFFERS)
    assert bytes_of(await personalized(later, WAVE[0])) == first


async def test_processes_racing_for_one_profile_tell_each_message_one_thing(store: Store) -> None:
    """Each has another model: whoever stores first, its view is everybody's."""
    processes = [
        process(store, lambda n=n: served(version=str(n)), rules=OFFERS)  # type: ignore[misc]
        for n in range(3)
    ]
    messages = [message(number, ticket=f"T-{number % 5}") for number in range(12)]
    found = await asyncio.gather(*[personalized(one, *messages) for one in processes])
    assert bytes_of(found[0]) == bytes_of(found[1]) == bytes_of(found[2])
    assert sorted(view(event).messages for event in found[0]) == list(range(12))
    (profile,) = (await store.load(["c1"])).values()
    assert (profile.messages, profile.tickets) == (12, 5)


async def test_a_customer_comes_with_all_that_happened(store: Store) -> None:
    handler = process(store, served, rules=OFFERS)
    await handler.learn([*HISTORY, *HISTORY])
    await personalized(handler, message(0, preferences=FRIENDLY, attributes={"tenure": "3"}))
    await handler.learn([made(FeedbackRated(ticket_id="T-0", thumbs="down"), "thumb")])
    (event,) = await personalized(handler, message(1, intent="product_info"))
    found = view(event)
    assert (found.orders, found.satisfaction, found.open_tickets) == (1, 1.0, 1)
    assert found.interactions == {"used": 16, "purchased": 1, "rated": 1}
    assert found.segment is not None
    assert (found.segment.frequency, found.segment.monetary) == (1, 39.9)
    assert found.predictions[0].probability > 0.9
    assert found.usage[0].used == pytest.approx(100.8)
    assert [one.item_id for one in found.recommendations] == ["M", "bulb", "desk"]
    assert found.preferences == FRIENDLY
    assert found.manner.selling


async def test_tickets_close_and_open_again_by_reports_that_name_only_them(store: Store) -> None:
    handler = process(store)
    await personalized(handler, message(0), message(1), message(2))

    async def open_tickets(number: int) -> int:
        (event,) = await personalized(handler, message(number, ticket="T-2"))
        return view(event).open_tickets

    assert await open_tickets(10) == 2
    await handler.learn([resolved("T-0", 11), resolved("T-1", 11, "c1"), resolved("T-9", 11)])
    assert await open_tickets(12) == 0
    await handler.learn([reopened("T-0", 13), resolved("T-0", 11)])
    assert await open_tickets(14) == 1
    before = await store.load(["c1"])
    await handler.learn([reopened("T-0", 13), resolved("T-1", 11, "c1")])
    assert await store.load(["c1"]) == before


async def test_who_is_erased_leaves_no_item_no_plan_and_no_attribute(store: Store) -> None:
    handler = process(store, served, rules=OFFERS)
    await handler.learn(HISTORY)
    await personalized(handler, *WAVE[:2])
    erased = CustomerErased(customer_key="c1", requested_at=NOON + timedelta(minutes=30))
    await handler.learn([made(erased, "erasure")])
    mark = (await store.load(["c1"]))["c1"]
    assert mark == Profile("c1", mark.version, erased_at=mark.erased_at)
    await handler.learn(HISTORY)
    (late,) = await personalized(handler, WAVE[0])
    assert (view(late).known, view(late).recommendations) == (False, ())
    (event,) = await personalized(handler, message(40))
    found = view(event)
    assert (found.known, found.orders, found.usage) == (False, 0, ())
    assert found.predictions[0].cold


async def test_a_wave_of_many_customers_is_one_read_and_one_write(store: Store) -> None:
    counted = Counted(store)
    handler = process(counted, served, rules=OFFERS)
    for start in (0, 20, 40):
        wave = [message(start + n, f"c{n % 12}") for n in range(20)]
        await personalized(handler, *wave)
    assert counted.calls == {"load": 3, "save": 3}
    counted.calls.clear()
    await handler.learn([interaction(n, "viewed", f"c{n % 12}", item_id="lamp") for n in range(40)])
    assert counted.calls == {"load": 1, "save": 1}


async def test_the_population_is_the_profiles_changed_last(store: Store) -> None:
    handler = process(store)
    for number in range(7):
        await personalized(handler, message(number, f"c{number}", intent=f"intent {number}"))
    known = KnownPopulation(store, 4, lambda: NOON + timedelta(hours=2))
    await known.refresh()
    assert known.population().customers == 4
    assert set(known.population().transitions.overall) == {f"intent {n}" for n in range(3, 7)}


async def test_a_large_population_comes_in_portions(
    mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.personalize.mongo.PORTION", 5)
    profiles = MongoProfiles(mongo)
    await profiles.save([Profile(f"c{n}", changed_at=NOON) for n in range(14)])
    portions = [some async for some in profiles.members(12, NOON)]
    assert [len(some) for some in portions] == [5, 5, 2]
    assert portions[0][0] == Member()


async def test_the_population_goes_back_in_time_until_it_is_large_enough(mongo: Mongo) -> None:
    profiles = MongoProfiles(mongo)
    ages = [timedelta(minutes=-1), timedelta(minutes=4), timedelta(minutes=5), timedelta(hours=9)]
    ages += [timedelta(days=300), timedelta(days=2_000)]
    bought = [
        Profile(f"c{n}", changed_at=NOON - age, purchases=Purchases(others=n))
        for n, age in enumerate(ages)
    ]
    await profiles.save([bought[n] for n in (3, 1, 5, 0, 4, 2)])

    async def found(most: int) -> list[int]:
        portions = [some async for some in profiles.members(most, NOON)]
        return [member.purchases.others for some in portions for member in some]

    assert await found(3) == [0, 1, 2]
    # Years ago is too long ago.
    assert await found(99) == [0, 1, 2, 3, 4]


async def test_a_profile_of_the_first_release_goes_on_in_the_database(mongo: Mongo) -> None:
    old = {
        "_id": "c1", "version": 1, "tickets": 1, "messages": 1, "by_intent": [["refund", 1]],
        "languages": [["en", 1]], "channels": [["web.chat", 1]], "interactions": [], "moods": [],
        "last_contact_at": NOON, "ratings": 0, "stars": 0, "ticket_ids": ["T-1"], "recent": [],
        "archived": False, "erased_at": None,
    }  # fmt: skip
    await mongo.database["profiles"].insert_one(old)
    (event,) = await personalized(process(MongoProfiles(mongo)), message(1, ticket="T-1"))
    assert (view(event).tickets, view(event).messages) == (1, 1)
    (document,) = await mongo.database["profiles"].find().to_list(None)
    profile = profile_of(document)
    assert (profile.version, profile.tickets, profile.messages) == (2, 1, 2)
    assert profile.ticket_states[0].is_open


async def test_of_two_promotions_of_a_model_the_newer_is_remembered(mongo: Mongo) -> None:
    state = MongoState(mongo)
    assert await state.promoted() == {}
    new = ModelPromoted(name="recommender", version="2", promoted_at=NOON)
    old = ModelPromoted(name="recommender", version="1", promoted_at=NOON - timedelta(days=1))
    other = ModelPromoted(name="behaviour-churn", version="7", promoted_at=NOON)
    for promoted in (old, new, old, other):
        await state.save_promoted(promoted)
    assert await state.promoted() == {"recommender": new, "behaviour-churn": other}
