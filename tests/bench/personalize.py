"""Personalize on Kafka against a bare loop of the same batched database calls.

Both work on the same profiles: of regular customers with purchases, views, usage of a plan,
attributes and earlier tickets. The worker serves a recommender and a behaviour model to all.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bson
import numpy as np
from pymongo import ReplaceOne

from deploy import topics as topic_admin
from deploy.runtime import Runtime, Say, start
from deploy.system.processes import WorkerProcess
from services.personalize.behaviour import artifact as behaviour_artifact
from services.personalize.behaviour.linear import STRAIGHT, Features, Linear
from services.personalize.behaviour.model import BehaviourModel, Blend
from services.personalize.behaviour.schema import Column, Schema
from services.personalize.documents import profile_document
from services.personalize.domain.consent import Consent
from services.personalize.domain.facts import Interaction, Message
from services.personalize.domain.ledger import Moment, apply, completed
from services.personalize.domain.population import Population
from services.personalize.domain.profile import Profile
from services.personalize.domain.recommending import Catalogue, Part, Recommender
from services.personalize.enrichment import Enrichment
from services.personalize.models import Models
from services.personalize.mongo import KEPT, MongoProfiles
from services.personalize.recommender import artifact as recommender_artifact
from services.personalize.recommender.scorers import Factors, Neighbours
from services.personalize.view_text import text_of
from shared.envelope import encode, new_event
from shared.events import Ticket, TicketClassified
from shared.modelstore import ModelStore
from shared.mongo import Mongo
from shared.topics import GENERATE, PERSONALIZE
from tests.bench.figures import Figure, Result, ratios, spread
from tests.bench.memory import resident
from tests.bench.trips import Trips
from tests.integration.samples import UNDERSTANDING

PROFILES = 100_000
TICKETS = 2_048
ROUNDS = 5
BATCH = 256
TURN = 2 * BATCH
"""Tickets of each before the other goes on."""
GOAL = 0.7
MEMORY_GOAL = 150
ITEMS, FACTORS, NEIGHBOURS = 1_000, 32, 50
COLUMNS = ("tenure", "MonthlyCharges", "tickets", "orders", "sentiment_trend")
SHAPES = 50
"""Different histories; every profile has one of them."""
DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)
FILL_BATCH = 1_000


def measure(
    folder: Path, say: Say, profiles: int = PROFILES, tickets: int = TICKETS, rounds: int = ROUNDS
) -> Result:
    """Fill the database, start the worker, and let both take tickets in turns."""
    store = folder / "models"
    _make_models(ModelStore(str(store)), folder)
    with start(folder / "personalize", say=say) as runtime:
        topic_admin.apply(runtime.endpoints.kafka)
        say(f"filling the database with {profiles} profiles")
        size = asyncio.run(_fill(runtime, profiles))
        worker = WorkerProcess(
            "personalize", _environment(runtime, folder), folder / "personalize.log"
        )
        worker.start()
        try:
            worker.wait_until_ready(600.0)
            ours, bare = asyncio.run(_turns(runtime, profiles, tickets, rounds, say))
            memory = resident(worker.pid)
        finally:
            worker.stop()
    found = ratios(ours, bare)
    figures = [
        Figure(
            "worker on Kafka, over the bare database calls",
            f"{statistics.median(ours):.0f} tickets/s",
            f"{statistics.median(bare):.0f} tickets/s",
            spread(found),
            f"at least {GOAL:g}",
            statistics.median(found) >= GOAL,
        ),
        Figure(
            "worker, resident after it",
            f"{memory:.0f} MB",
            goal=f"at most {MEMORY_GOAL} MB",
            reached=memory <= MEMORY_GOAL,
        ),
    ]
    return Result("Personalize", figures, _notes(profiles, tickets, rounds, size))


def _environment(runtime: Runtime, folder: Path) -> dict[str, str]:
    return {
        "KAFKA_BOOTSTRAP_SERVERS": runtime.endpoints.kafka,
        "MONGO_URL": runtime.endpoints.mongo,
        "MODEL_STORE": str(folder / "models"),
        "MODEL_CACHE": str(folder / "cache"),
        "RECOMMENDATIONS_BY_DEFAULT": "true",
    }


# -- what is there before --------------------------------------------------------------------------


def _make_models(store: ModelStore, folder: Path) -> None:
    """A recommender of a thousand items and a behaviour model of five columns."""
    random = np.random.default_rng(0)
    rows = [random.choice(ITEMS, NEIGHBOURS, replace=False) for _ in range(ITEMS)]
    neighbours = Neighbours(
        np.arange(ITEMS + 1, dtype=np.int64) * NEIGHBOURS,
        np.concatenate(rows).astype(np.int32),
        random.random(ITEMS * NEIGHBOURS).astype(np.float32),
    )
    factors = Factors(random.normal(0, 0.1, (ITEMS, FACTORS)).astype(np.float32), 0.1, 10.0)
    names = tuple(f"item-{number}" for number in range(ITEMS))
    flags = np.ones(ITEMS, np.bool_)
    recommender = Recommender(
        Catalogue(names, names, flags, ~flags),
        random.random(ITEMS).astype(np.float32),
        0.1,
        (
            Part("neighbours", "bought_together", neighbours, 0.5, 0.5),
            Part("factors", "bought_together", factors, 0.5, 0.4),
        ),
    )
    made = folder / "recommender"
    made.mkdir()
    recommender_artifact.save(made, recommender, {})
    store.put(recommender_artifact.NAME, made, {"format": recommender_artifact.FORMAT})
    made = folder / "behaviour"
    made.mkdir()
    behaviour_artifact.save(made, _behaviour(), {})
    store.put("behaviour-churn", made, {"format": behaviour_artifact.FORMAT})


def _behaviour() -> BehaviourModel:
    count = len(COLUMNS)
    features = Features(
        np.arange(count), np.full(count, STRAIGHT), np.zeros(count), np.zeros(count)
    )
    linear = Linear(features, np.zeros(count), np.full(count, -0.1), 1.0)
    columns = tuple(Column(name, "number", 0.0, lower=-1.0, upper=100.0) for name in COLUMNS)
    shares = np.full(count, 1 / count)
    return BehaviourModel("Churn", "Yes", Schema(columns), Blend((linear,)), 0.25, shares)


async def _fill(runtime: Runtime, profiles: int) -> int:
    """Insert the profiles; the mean size of their documents in kilobytes."""
    mongo = Mongo(runtime.endpoints.mongo, "personalize")
    await MongoProfiles(mongo).create_indexes()
    shapes = [_shape(number) for number in range(SHAPES)]
    sizes = [len(bson.encode(profile_document(shape, KEPT))) for shape in shapes]
    for start_at in range(0, profiles, FILL_BATCH):
        numbers = range(start_at, min(profiles, start_at + FILL_BATCH))
        documents = [_document(shapes[number % SHAPES], number) for number in numbers]
        await mongo.database["profiles"].insert_many(documents, ordered=False)
    await mongo.close()
    return round(statistics.mean(sizes) / 1024)


def _document(shape: Profile, number: int) -> dict[str, Any]:
    document = profile_document(shape, KEPT)
    ids = [f"{ticket_id}-{number}" for ticket_id in document["ticket_ids"]]
    # One a minute: as many customers a day as a desk of this size has.
    changed_at = NOW - timedelta(minutes=number)
    return {
        **document,
        "_id": _customer(number),
        "ticket_ids": ids,
        "changed_at": changed_at,
    }


def _customer(number: int) -> str:
    return f"{number:032x}"


def _shape(seed: int) -> Profile:
    """A regular customer: eight interactions with items, every fifth with four weeks of usage, and
    three earlier tickets."""
    random = np.random.default_rng(seed)
    bought = [
        Interaction(f"i{seed}-{n}", "c", at, kind, at, f"item-{random.integers(ITEMS)}", 19.9)
        for n, kind in enumerate(["viewed"] * 4 + ["carted", "purchased", "purchased", "rated"])
        for at in [NOW - (40 - n) * DAY]
    ]
    period = (NOW - 20 * DAY, NOW + 10 * DAY)
    used = [
        Interaction(
            f"u{seed}-{n}", "c", at, "used", at, "plan-light",
            float(random.gamma(2, 2)), None, 100.0, period,
        )
        for n in range(0 if seed % 5 else 28)
        for at in [NOW - (28 - n) * DAY]
    ]  # fmt: skip
    written = [
        Message(
            f"m{seed}-{n}", "c", at, at, f"old-{n}", "order_status", "en", "email", 0.0,
            Consent(True, True), attributes={"tenure": "12", "MonthlyCharges": "70.5"},
        )
        for n in range(3)
        for at in [NOW - (30 - 10 * n) * DAY]
    ]  # fmt: skip
    change = apply(Profile("c"), {}, [*used, *bought], NOW)
    # Long ago: no longer among what the profile remembers by itself.
    seen = Profile(**{**_fields(change.profile), "recent": {}})
    enrichment = Enrichment(Models, Population, {})
    for message in written:
        change = apply(seen, {}, [message], NOW)
        views = enrichment.views([Moment(message, seen)], NOW)
        seen = completed(change, {key: text_of(view) for key, view in views.items()}).profile
    return seen


def _fields(profile: Profile) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in Profile.__dataclass_fields__}


# -- the two sides ---------------------------------------------------------------------------------


async def _turns(
    runtime: Runtime, profiles: int, tickets: int, rounds: int, say: Say
) -> tuple[list[float], list[float]]:
    """Tickets a second of the worker and of the bare calls, by round; the first one warms both.

    They take turns every few batches, so that whatever else the machine does weighs on both alike.
    """
    speeds: tuple[list[float], list[float]] = ([], [])
    mongo = Mongo(runtime.endpoints.mongo, "personalize")
    customers = _customers(profiles)
    async with Trips(runtime.endpoints.kafka, PERSONALIZE.name, GENERATE.name) as trips:
        for number in range(rounds + 1):
            seconds = [0.0, 0.0]
            for turn in range(0, tickets, TURN):
                label = f"R{number}-{turn}"
                seconds[0] += await _worker(trips, label, list(itertools.islice(customers, TURN)))
                seconds[1] += await _bare(mongo, label, list(itertools.islice(customers, TURN)))
            if number:
                for found, spent in zip(speeds, seconds, strict=True):
                    found.append(tickets / spent)
                worker, alone = (found[-1] for found in speeds)
                say(f"personalize, round {number} of {rounds}: {worker:.0f}/s, bare {alone:.0f}/s")
    await mongo.close()
    return speeds


def _customers(profiles: int) -> Iterator[str]:
    """All over the database, each seldom."""
    random = np.random.default_rng(1)
    while True:
        yield from (_customer(int(number)) for number in random.permutation(profiles))


async def _worker(trips: Trips, label: str, customers: Sequence[str]) -> float:
    """Seconds from the first ticket sent to the last answer read."""
    messages = {
        f"{label}T{place}": encode(_classified(f"{label}T{place}", customer))
        for place, customer in enumerate(customers)
    }
    began = time.perf_counter()
    for ticket_id, (_, value, headers) in messages.items():
        await trips.send(ticket_id, value, headers)
    await trips.answers(set(messages))
    return time.perf_counter() - began


def _classified(ticket_id: str, customer: str) -> Any:
    at = datetime.now(UTC)
    ticket = Ticket(
        ticket_id=ticket_id,
        message_id="m1",
        source="bench",
        channel="email",
        text="where is my order?",
        language="en",
        customer_key=customer,
        created_at=at,
        received_at=at,
        attributes={"tenure": "13", "MonthlyCharges": "70.5"},
    )
    data = TicketClassified(ticket=ticket, understanding=UNDERSTANDING)
    return new_event(data, cause=ticket_id, source="/careloop/classify", now=at)


async def _bare(mongo: Mongo, label: str, customers: Sequence[str]) -> float:
    """Seconds of nothing but one read and one guarded write a batch."""
    collection = mongo.database["profiles"]
    began = time.perf_counter()
    for start_at in range(0, len(customers), BATCH):
        some = customers[start_at : start_at + BATCH]
        found = await collection.find({"_id": {"$in": list(dict.fromkeys(some))}}).to_list(None)
        await collection.bulk_write(list(_writes(found, label)), ordered=False)
    return time.perf_counter() - began


def _writes(documents: Iterable[dict[str, Any]], label: str) -> Iterator[Any]:
    """Each profile with one more ticket, over the version that was read; as large as before."""
    at = datetime.now(UTC)
    for document in documents:
        version = document["version"]
        document |= {
            "version": version + 1,
            "changed_at": at,
            "ticket_ids": [*document["ticket_ids"], f"{label}-{document['_id']}"],
            "ticket_states": [*document["ticket_states"], [at, True, True]],
        }
        yield ReplaceOne({"_id": document["_id"], "version": version}, document)


def _notes(profiles: int, tickets: int, rounds: int, size: int) -> list[str]:
    return [
        f"{profiles} profiles of {size} kB on average, {rounds} rounds of {tickets} tickets of as "
        f"many customers, {TURN} in turns; ratios are the rounds' median (smallest to largest).",
        f"The worker's time is from the first ticket sent to the last answer read. It serves "
        f"recommendations out of {ITEMS} items to all, a behaviour model and next needs, and a "
        "usage outlook to every fifth; its views are stored with the profiles.",
        f"Bare: one read and one guarded write for {BATCH} tickets, of the same profiles with the "
        "same indexes; no Kafka, no contract, no models, nothing added but the ticket.",
    ]
