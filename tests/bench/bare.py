"""What a ticket cannot do without, made bare: Kafka hops, one encoder pass, the database calls."""

import asyncio
import contextlib
import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from kafka import KafkaAdminClient

from services.classify import artifact
from services.classify.domain.text import text_for_model
from shared.encoder.encoder import Encoder
from shared.modelstore import ModelStore
from shared.mongo import Mongo
from tests.bench import hop, tickets
from tests.bench.trips import Trips

TOPICS = tuple(f"bench-hop-{number}" for number in range(1, 6))
"""As many as a ticket stands on, from the upstream's to that of the responses."""
PARTITIONS = 6
TURN = 100
"""Texts that one encoder reads alone before two read them at once."""


@contextlib.contextmanager
def hops(kafka: str) -> Iterator[None]:
    """The processes between the topics, as long as the context lasts."""
    _create_topics(kafka)
    command = [sys.executable, "-m", "tests.bench.hop", kafka]
    processes = [
        subprocess.Popen([*command, source, target], stdout=subprocess.PIPE)
        for source, target in itertools.pairwise(TOPICS)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            if process.stdout.readline().decode().strip() != hop.READY:
                raise RuntimeError("a hop of the yardstick did not start")
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _create_topics(kafka: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka.split(","))
    try:
        wanted = {name: {"num_partitions": PARTITIONS, "replication_factor": 1} for name in TOPICS}
        admin.create_topics(wanted, raise_errors=False)
        admin.wait_for_topics(list(TOPICS))
    finally:
        admin.close()


class BareTicket:
    """The yardstick of one ticket. `trips` go over the hops."""

    def __init__(self, trips: Trips, mongo: Mongo, encoder: Encoder) -> None:
        self._trips = trips
        self._database = mongo.database
        self._encoder = encoder

    async def create_indexes(self) -> None:
        """Those of the workers' collections."""
        for name in ("threads", "messages", "contents", "duplicates", "profiles"):
            await self._database[name].create_index("expires_at", expireAfterSeconds=0)
        await self._database["profiles"].create_index("ticket_ids")

    async def go(self, ticket_id: str, message: bytes) -> None:
        """Four hops, one encoder pass off the event loop, and the database calls of the workers."""
        await self._trips.go(ticket_id, message)
        read = orjson.loads(message)
        text = text_for_model(read.get("subject"), read["body"])
        await asyncio.to_thread(self._encoder.encode, [text])
        # ingest, personalize and generate read by id, then insert; feedback comes after the reply.
        document = {
            "ticket_id": ticket_id,
            "event": message.decode(),
            "expires_at": datetime.now(UTC) + timedelta(days=1),
        }
        claim = {"key": ticket_id, "expires_at": document["expires_at"]}
        await asyncio.gather(self._find("messages", ticket_id), self._find("threads", ticket_id))
        await asyncio.gather(self._find("contents", ticket_id), self._find("duplicates", ticket_id))
        await self._insert("contents", ticket_id, claim)
        await self._insert("threads", ticket_id, document)
        await self._insert("messages", ticket_id, document)
        await self._find("profiles", ticket_id)
        await self._insert("profiles", ticket_id, {**document, "ticket_ids": [ticket_id]})
        await self._find("responses", ticket_id)
        await self._insert("responses", ticket_id, document)

    async def _find(self, collection: str, key: str) -> None:
        await self._database[collection].find({"_id": {"$in": [key]}}).to_list(None)

    async def _insert(self, collection: str, key: str, document: dict[str, Any]) -> None:
        await self._database[collection].insert_many([{"_id": key, **document}], ordered=False)


def served_encoder(home: Path) -> Encoder:
    """The encoder that classify serves, warm."""
    store, cache = ModelStore(str(home / "models")), home / "cache"
    *_, needed = artifact.load(
        store.fetch(artifact.NAME, store.require_latest(artifact.NAME), cache)
    )
    encoder = Encoder.load(store.fetch(needed.name, needed.version, cache), threads=1)
    encoder.warm()
    return encoder


def slowdown(home: Path, count: int) -> float:
    """How many times longer each of two encoders takes, one on each core, than one alone: cores
    share caches and memory. On `count` of the demo's messages, in turns."""
    messages = [orjson.loads(one) for _, one in itertools.islice(tickets.endless("slow"), count)]
    texts = [text_for_model(one.get("subject"), one["body"]) for one in messages]
    encoders = [served_encoder(home), served_encoder(home)]
    alone = beside = 0.0
    with ThreadPoolExecutor(2) as pool:
        for at in range(0, count, TURN):
            some = texts[at : at + TURN]
            began = time.perf_counter()
            encoders[0].encode(some)
            middle = time.perf_counter()
            list(pool.map(lambda encoder, some=some: encoder.encode(some), encoders))
            alone += middle - began
            beside += time.perf_counter() - middle
    return beside / alone
