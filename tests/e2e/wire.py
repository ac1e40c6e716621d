"""Kafka as a test sees it from outside: what is published, what came out, who has read how far."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from shared import topics
from shared.topics import TOPICS

READERS = (
    ("ingest", "ingest"),
    ("classify", "classify"),
    ("personalize", "personalize"),
    ("generate", "generate"),
    ("personalize", "feedback"),
    ("generate", "feedback"),
    ("feedback", "feedback"),
)
"""Which worker's group reads which topic, in the order in which a ticket meets them."""


LARGEST = 64 * topics.MEBIBYTE


class Message(NamedTuple):
    """What an upstream publishes."""

    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


class Place(NamedTuple):
    """Where a message stands."""

    partition: int
    offset: int


class Wire:
    """Publishes to `ingest` and reads every topic, in no worker's name."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._servers = bootstrap_servers

    async def publish(
        self,
        messages: Iterable[Message],
        partition: int | None = None,
        compression: str | None = None,
    ) -> list[Place]:
        """Write to `ingest`, in order, and wait until all is safe."""
        async with AIOKafkaProducer(
            bootstrap_servers=self._servers,
            enable_idempotence=True,
            # The broker judges what is compressed; it alone shall say what is too much.
            max_request_size=LARGEST,
            compression_type=compression,
        ) as producer:
            sent = [await _sent(producer, message, partition) for message in messages]
            written = await asyncio.gather(*sent)
        return [Place(one.partition, one.offset) for one in written]

    async def read(self, topic: str) -> list[ConsumerRecord]:
        """All that stands on the topic now, in order within each partition."""
        return await self.until(topic, lambda _: True)

    async def until(
        self, topic: str, enough: Callable[[Sequence[ConsumerRecord]], bool], seconds: float = 30.0
    ) -> list[ConsumerRecord]:
        """Read the topic from its beginning until that is enough; then all that stood there."""
        records: list[ConsumerRecord] = []
        deadline = time.monotonic() + seconds
        async with self._reading(topic) as (consumer, partitions):
            while True:
                ends = await consumer.end_offsets(partitions)
                while any([await consumer.position(p) < ends[p] for p in partitions]):
                    for batch in (await consumer.getmany(timeout_ms=200)).values():
                        records += batch
                if enough(records):
                    return records
                if time.monotonic() > deadline:
                    raise AssertionError(f"{len(records)} on {topic} are not enough, {seconds} s")
                await asyncio.sleep(0.1)

    async def replies(self, *tickets: str, each: int = 1) -> list[ConsumerRecord]:
        """The responses to these tickets, once `each` has that many, in order of the tickets."""

        def to(ticket: str, records: Iterable[ConsumerRecord]) -> list[ConsumerRecord]:
            return [record for record in records if record.key == ticket.encode()]

        records = await self.until(
            topics.RESPONSES.name,
            lambda found: all(len(to(ticket, found)) >= each for ticket in tickets),
        )
        return [record for ticket in tickets for record in to(ticket, records)]

    async def progress(self, group: str, topic: str) -> tuple[int, int]:
        """How many messages of the topic the group has settled, and how many there are."""
        async with self._reading(topic, group) as (consumer, partitions):
            ends = await consumer.end_offsets(partitions)
            return sum([await consumer.committed(p) or 0 for p in partitions]), sum(ends.values())

    async def settled(self, seconds: float = 60.0) -> None:
        """Wait until every worker has settled everything, the first one first."""
        deadline = time.monotonic() + seconds
        for group, topic in READERS:
            while (state := await self.progress(group, topic)) and state[0] < state[1]:
                if time.monotonic() > deadline:
                    raise AssertionError(f"{group} has settled {state} of {topic}, {seconds} s")
                await asyncio.sleep(0.1)

    async def rewind(self, group: str, topic: str) -> None:
        """Have the group read the topic from its beginning again; it must have no members."""
        async with self._reading(topic, group) as (consumer, partitions):
            await consumer.commit(dict.fromkeys(partitions, 0))

    @asynccontextmanager
    async def _reading(
        self, topic: str, group: str | None = None
    ) -> AsyncIterator[tuple[AIOKafkaConsumer, list[TopicPartition]]]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            partitions = [TopicPartition(topic, n) for n in range(TOPICS[topic].partitions)]
            consumer.assign(partitions)
            yield consumer, partitions
        finally:
            await consumer.stop()


async def _sent(
    producer: AIOKafkaProducer, message: Message, partition: int | None
) -> Awaitable[ConsumerRecord]:
    topic, ours = topics.INGEST.name, list(message.headers)
    if message.key is None and message.value is None:
        # Other clients may write this; this one does so only by the batch.
        batch = producer.create_batch()
        batch.append(timestamp=None, key=None, value=None, headers=ours)
        batch.close()
        written = await producer.send_batch(batch, topic, partition=partition or 0)
    else:
        written = await producer.send(
            topic, message.value, key=message.key, headers=ours, partition=partition
        )
    future: Awaitable[ConsumerRecord] = written
    return future


def headers(record: ConsumerRecord) -> dict[str, str]:
    return {name: value.decode() for name, value in record.headers}


def data(record: ConsumerRecord) -> dict[str, Any]:
    """The payload of an event in binary mode."""
    payload: dict[str, Any] = orjson.loads(record.value)
    return payload
