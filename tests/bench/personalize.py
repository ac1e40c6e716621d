"""Personalize on Kafka against a bare loop of the same batched database calls.

Both work on the same profiles: of regular customers with purchases, views, usage of a plan,
attributes and earlier tickets.
"""

import asyncio
import itertools
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from pymongo import ReplaceOne

from deploy import topics as topic_admin
from deploy.runtime import Runtime, Say, start
from deploy.system.processes import WorkerProcess
from shared.envelope import encode, new_event
from shared.events import Ticket, TicketClassified
from shared.modelstore import ModelStore
from shared.mongo import Mongo
from shared.topics import GENERATE, PERSONALIZE
from tests.bench import regulars
from tests.bench.figures import Result, memory_of_worker, over
from tests.bench.memory import resident
from tests.bench.trips import Trips
from tests.integration.samples import UNDERSTANDING

PROFILES = 100_000
TICKETS = 2_048
ROUNDS = 5
BATCH = 256
TURN = 4 * BATCH
"""Tickets of each before the other goes on."""
GOAL = 0.7
MEMORY_GOAL = 150
LONGEST_READ = 300.0


def measure(
    folder: Path, say: Say, profiles: int = PROFILES, tickets: int = TICKETS, rounds: int = ROUNDS
) -> Result:
    """Fill the database, start the worker, and let both take tickets in turns."""
    folder = folder / "personalize"
    folder.mkdir()
    models = regulars.make_models(ModelStore(str(folder / "models")), folder)
    with start(folder / "runtime", say=say) as runtime:
        topic_admin.apply(runtime.endpoints.kafka)
        say(f"filling the database with {profiles} profiles")
        size = asyncio.run(regulars.fill(runtime.endpoints.mongo, models, profiles))
        environment = _environment(runtime, folder)
        worker = WorkerProcess("personalize", environment, folder / "worker.log")
        worker.start()
        try:
            worker.wait_until_ready()
            _wait_for_population(worker)
            ours, bare = asyncio.run(_turns(runtime, profiles, tickets, rounds, say))
            memory = resident(worker.pid)
        finally:
            worker.stop()
    figures = [
        over("worker on Kafka, over the bare database calls", "tickets/s", ours, bare, GOAL),
        memory_of_worker(memory, MEMORY_GOAL),
    ]
    return Result("Personalize", figures, _notes(profiles, tickets, rounds, size))


def _environment(runtime: Runtime, folder: Path) -> dict[str, str]:
    return {
        "KAFKA_BOOTSTRAP_SERVERS": runtime.endpoints.kafka,
        "MONGO_URL": runtime.endpoints.mongo,
        "MODEL_STORE": str(folder / "models"),
        "MODEL_CACHE": str(folder / "cache"),
    }


def _wait_for_population(worker: WorkerProcess) -> None:
    """The worker reads it beside its work, every few minutes; here before it is measured."""
    deadline = time.monotonic() + LONGEST_READ
    while not worker.metric("careloop_personalize_population"):
        if time.monotonic() > deadline:
            raise RuntimeError("personalize did not read its population")
        time.sleep(0.5)


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
        yield from (regulars.customer(int(number)) for number in random.permutation(profiles))


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
    """Each profile with one more ticket and a view like its last one, over the version that was
    read."""
    at = datetime.now(UTC)
    for document in documents:
        version = document["version"]
        document |= {
            "version": version + 1,
            "changed_at": at,
            "ticket_ids": [*document["ticket_ids"], f"{label}-{document['_id']}"],
            "ticket_states": [*document["ticket_states"], [at, True, True]],
            "recent": [*document["recent"], {**document["recent"][-1], "_id": label}],
        }
        yield ReplaceOne({"_id": document["_id"], "version": version}, document)


def _notes(profiles: int, tickets: int, rounds: int, size: int) -> list[str]:
    return [
        f"{profiles} profiles of {size} kB on average, {rounds} rounds of {tickets} tickets of as "
        f"many customers, {TURN} in turns; ratios are the rounds' median (smallest to largest).",
        "The worker's time is from the first ticket sent to the last answer read. It serves "
        "a behaviour model and next needs to all, recommendations out of "
        f"{regulars.ITEMS} items to every second, who agreed to them, and a usage outlook to every "
        "fifth; its views are stored with the profiles.",
        f"Bare: one read and one guarded write for {BATCH} tickets, of the same profiles with the "
        "same indexes, growing by as much; no Kafka, no contract, no models.",
    ]
