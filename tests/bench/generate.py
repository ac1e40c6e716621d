"""Generate on Kafka, the composer writing, against a bare loop of the same retrieval and database
calls."""

import asyncio
import base64
import csv
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import rjieba

from deploy import topics as topic_admin
from deploy.runtime import Runtime, Say, start
from deploy.system import artifacts, secrets
from deploy.system.processes import WorkerProcess
from services.classify.train import SEED_FILES
from services.generate.domain.retrieval import Query
from services.generate.knowledge_base import KnowledgeBase
from services.generate.knowledge_source import StoredKnowledge
from shared.encoder.encoder import Encoder
from shared.envelope import encode, new_event
from shared.events import (
    CustomerView,
    RankedLabel,
    Ticket,
    TicketPersonalized,
    Understanding,
    Vector,
)
from shared.modelstore import ModelStore
from shared.mongo import Mongo
from shared.topics import GENERATE, RESPONSES
from shared.words import words_of
from tests.bench.figures import Result, memory_of_worker, over
from tests.bench.memory import resident
from tests.bench.trips import Trips

TICKETS = 8_192
ROUNDS = 5
BATCH = 256
GOAL = 0.6
MEMORY_GOAL = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """A message of the seed as it reaches generate."""

    text: str
    language: str
    intent: str
    words: tuple[str, ...]
    vector: Any


def measure(folder: Path, home: Path, say: Say) -> Result:
    """The worker and the bare loop take the same messages in turns."""
    artifacts.ensure(str(home / "models"), home / "cache", say)
    store = ModelStore(str(home / "models"))
    knowledge = _knowledge(store, home)
    asked = _asked(store, home, knowledge)
    with start(folder / "generate", say=say) as runtime:
        topic_admin.apply(runtime.endpoints.kafka)
        worker = WorkerProcess("generate", _environment(runtime, home), folder / "generate.log")
        worker.start()
        try:
            worker.wait_until_ready(300.0)
            ours, bare = asyncio.run(_turns(runtime, knowledge, asked, say))
            memory = resident(worker.pid)
        finally:
            worker.stop()
    figures = [
        over(
            "worker on Kafka, over the bare retrieval and database calls",
            "tickets/s",
            ours,
            bare,
            GOAL,
        ),
        memory_of_worker(memory, MEMORY_GOAL),
    ]
    return Result("Generate", figures, _notes(knowledge))


def _environment(runtime: Runtime, home: Path) -> dict[str, str]:
    return {
        "KAFKA_BOOTSTRAP_SERVERS": runtime.endpoints.kafka,
        "MONGO_URL": runtime.endpoints.mongo,
        "MODEL_STORE": str(home / "models"),
        "MODEL_CACHE": str(home / "cache"),
        **secrets.load_or_make(home / "secrets.json"),
    }


def _knowledge(store: ModelStore, home: Path) -> KnowledgeBase:
    return StoredKnowledge(store, home / "cache").load(None)


def _asked(store: ModelStore, home: Path, knowledge: KnowledgeBase) -> list[Asked]:
    """Messages of the seed, both languages mixed, always the same ones."""
    rows: list[dict[str, str]] = []
    for path in SEED_FILES:
        with path.open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    rows = random.Random(0).sample(rows, TICKETS)
    name, version = knowledge.encoder_name, knowledge.encoder_version
    encoder = Encoder.load(store.fetch(name, version, home / "cache"), threads=2)
    vectors = encoder.encode([row["text"] for row in rows])
    return [
        Asked(
            row["text"],
            row["lang"],
            row["intent"],
            words_of(row["text"], rjieba.cut),
            vector,
        )
        for row, vector in zip(rows, vectors, strict=True)
    ]


async def _turns(
    runtime: Runtime, knowledge: KnowledgeBase, asked: Sequence[Asked], say: Say
) -> tuple[list[float], list[float]]:
    """Tickets a second of the worker and of the bare loop, by round; the first one warms both."""
    ours: list[float] = []
    bare: list[float] = []
    mongo = Mongo(runtime.endpoints.mongo, "generate")
    async with Trips(runtime.endpoints.kafka, GENERATE.name, RESPONSES.name) as trips:
        for number in range(ROUNDS + 1):
            worker = await _worker(trips, f"R{number}", knowledge, asked)
            alone = await _bare(mongo, f"R{number}", knowledge, asked)
            if number:
                ours.append(worker)
                bare.append(alone)
                say(f"generate, round {number} of {ROUNDS}: {worker:.0f}/s, bare {alone:.0f}/s")
    await mongo.close()
    return ours, bare


async def _worker(
    trips: Trips, label: str, knowledge: KnowledgeBase, asked: Sequence[Asked]
) -> float:
    """Tickets a second, from the first one sent to the last answer read."""
    messages = {
        f"{label}T{place}": encode(_personalized(f"{label}T{place}", one, knowledge))
        for place, one in enumerate(asked)
    }
    began = time.perf_counter()
    for ticket_id, (_, value, headers) in messages.items():
        await trips.send(ticket_id, value, headers)
    await trips.answers(set(messages))
    return len(asked) / (time.perf_counter() - began)


def _personalized(ticket_id: str, asked: Asked, knowledge: KnowledgeBase) -> Any:
    at = datetime.now(UTC)
    ticket = Ticket(
        ticket_id=ticket_id,
        message_id="m1",
        source="bench",
        channel="email",
        text=asked.text,
        words=asked.words,
        language=asked.language,
        created_at=at,
        received_at=at,
    )
    understanding = Understanding(
        intent=asked.intent,
        confidence=0.9,
        intents=(RankedLabel(label=asked.intent, probability=0.9),),
        sentiment="neutral",
        priority="normal",
        model_version="bench",
        vector=Vector(
            model=knowledge.encoder_name,
            version=knowledge.encoder_version,
            data=base64.b64encode(asked.vector.astype("<f2").tobytes()).decode(),
        ),
        classified_at=at,
    )
    data = TicketPersonalized(
        ticket=ticket, understanding=understanding, customer=CustomerView(personalized_at=at)
    )
    return new_event(data, cause=ticket_id, source="/careloop/personalize", now=at)


async def _bare(
    mongo: Mongo, label: str, knowledge: KnowledgeBase, asked: Sequence[Asked]
) -> float:
    """Tickets a second of nothing but a search, a read and a write a batch: the responses that the
    worker has just stored, under other ids."""
    collection = mongo.database["responses"]
    tickets = {"ticket_id": {"$regex": f"^{label}T"}}
    stored = await collection.find(tickets).to_list(None)
    today = datetime.now(UTC).date()
    queries = [
        Query(one.words, one.language, np.asarray(one.vector, np.float32), {one.intent: 0.9})
        for one in asked
    ]
    began = time.perf_counter()
    for at in range(0, len(asked), BATCH):
        await asyncio.to_thread(knowledge.index.search, queries[at : at + BATCH], on=today)
        some = [{**document, "_id": f"bare-{document['_id']}"} for document in stored[at:][:BATCH]]
        await collection.find({"_id": {"$in": [document["_id"] for document in some]}}).to_list(
            None
        )
        await collection.insert_many(some, ordered=False)
    seconds = time.perf_counter() - began
    await collection.delete_many({"_id": {"$regex": "^bare-"}})
    return len(asked) / seconds


def _notes(knowledge: KnowledgeBase) -> list[str]:
    return [
        f"{ROUNDS} rounds of {TICKETS} messages of the seed in turns, against the {knowledge.size} "
        "entries of the knowledge that comes with the project; ratios are the rounds' median "
        "(smallest to largest).",
        "The worker's time is from the first ticket sent to the last response read. It decides, "
        "composes, checks every reply by the guardrails and publishes two events for each.",
        f"Bare: one search, one read and one write for {BATCH} tickets, of the same queries and "
        "responses; no Kafka, no contract, no decision, no text.",
    ]
