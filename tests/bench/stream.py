"""Tickets sent at set moments through the whole system, and their responses heard."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import numpy as np
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.topics import INGEST, RESPONSES, TOPICS
from tests.bench import tickets
from tests.bench.passage import Passage

LISTEN_MS = 200


class Stream:
    """One stream through the system behind `kafka`. Tickets are the demo's, of new customers; of
    `every_broken` messages the last is cut off and no ticket, with 0 none is."""

    def __init__(self, kafka: str, *, every_broken: int = 0) -> None:
        self._kafka = kafka
        self._every_broken = every_broken
        self._sent: dict[str, float] = {}
        self._answered: dict[str, float] = {}
        self._contents: dict[str, int] = {}
        self._contradictions = 0
        self._began = 0.0

    async def run(self, moments: Iterable[float], patience: float) -> Passage:
        """Send at these moments, in seconds from now; then wait, at most `patience` seconds
        without any response, until all have a terminal state."""
        producer = AIOKafkaProducer(bootstrap_servers=self._kafka, enable_idempotence=True)
        consumer = AIOKafkaConsumer(bootstrap_servers=self._kafka)
        await producer.start()
        await consumer.start()
        try:
            letters = await self._dead_letters(consumer)
            partitions = [TopicPartition(RESPONSES.name, n) for n in range(RESPONSES.partitions)]
            consumer.assign(partitions)
            await consumer.seek_to_end(*partitions)
            for partition in partitions:
                await consumer.position(partition)
            self._began = time.monotonic()
            sending = asyncio.create_task(self._send(producer, moments))
            await self._hear(consumer, sending, patience, letters)
            await sending
            return self._passage(await self._dead_letters(consumer) - letters)
        finally:
            await consumer.stop()
            await producer.stop()

    async def _send(self, producer: AIOKafkaProducer, moments: Iterable[float]) -> None:
        made = tickets.endless(f"stream{time.time_ns()}")
        writes = []
        for number, moment in enumerate(moments, start=1):
            early = self._began + moment - time.monotonic()
            if early > 0:
                await asyncio.sleep(early)
            ticket_id, message = next(made)
            if self._every_broken and number % self._every_broken == 0:
                message = message[:-1]
            self._sent[ticket_id] = time.monotonic() - self._began
            writes.append(await producer.send(INGEST.name, message, key=ticket_id.encode()))
        await asyncio.gather(*writes)

    async def _hear(
        self,
        consumer: AIOKafkaConsumer,
        sending: "asyncio.Task[Any]",
        patience: float,
        letters: int,
    ) -> None:
        """Until every ticket has a response or, beyond the dead letters before, a dead letter."""
        heard_at = time.monotonic()
        while True:
            batches = await consumer.getmany(timeout_ms=LISTEN_MS)
            now = time.monotonic()
            for record in (record for batch in batches.values() for record in batch):
                heard_at = now
                self._take(record.key.decode(), hash(record.value), now)
            if sending.done():
                missing = len(self._sent) - len(self._answered)
                if not missing or now - heard_at > patience:
                    return
                if not batches and await self._dead_letters(consumer) - letters >= missing:
                    return
            else:
                heard_at = now

    def _take(self, ticket_id: str, content: int, now: float) -> None:
        if ticket_id not in self._sent:
            return
        self._answered.setdefault(ticket_id, now - self._began)
        self._contradictions += self._contents.setdefault(ticket_id, content) != content

    def _passage(self, dead_letters: int) -> Passage:
        return Passage(
            np.array(list(self._sent.values())),
            np.array([self._answered.get(ticket, np.nan) for ticket in self._sent]),
            dead_letters,
            self._contradictions,
        )

    async def _dead_letters(self, consumer: AIOKafkaConsumer) -> int:
        """How many there are now, of all workers."""
        shelves = [card for card in TOPICS.values() if card.name.endswith(".dlq")]
        partitions = [TopicPartition(c.name, n) for c in shelves for n in range(c.partitions)]
        return sum((await consumer.end_offsets(partitions)).values())
