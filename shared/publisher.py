"""Writes events to topics: idempotent producer, acknowledged by all replicas."""

import asyncio
import functools
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from prometheus_client import Counter

from shared import authorized, kafka, metrics, rights
from shared.envelope import Event, encode, peek_type
from shared.errors import FatalError, TemporaryError
from shared.events import Payload
from shared.partitioning import feedback_partition
from shared.settings import KafkaSettings
from shared.topics import FEEDBACK, TOPICS, TopicCard


class Publisher:
    """A Kafka producer for the topics of the contract."""

    def __init__(self, access: KafkaSettings, client_id: str) -> None:
        self._access = access
        self._options: dict[str, Any] = {
            "client_id": client_id,
            "enable_idempotence": True,
            "acks": "all",
            "max_request_size": max(card.max_message_bytes for card in TOPICS.values()),
            "max_batch_size": 256 * 1024,
        }
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect. Raises TemporaryError when no broker answers, and FatalError when the settings
        do not fit together, or when a broker answers and does not let us in."""
        producer = AIOKafkaProducer(**kafka.options(self._access), **self._options)
        try:
            await producer.start()
        except KafkaError as error:
            await producer.stop()
            raise await kafka.failure(self._access, error) from error
        self._producer = producer

    async def stop(self) -> None:
        """Write what is pending and disconnect."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    async def missing_topics(self, worker: str) -> list[str]:
        """The topics the worker has to do with that the broker does not have.

        Raises FatalError when Kafka does not let it do with them, or with its group, what the topic
        cards say: later every message would fail.
        """
        if self._producer is None:
            raise TemporaryError("the publisher is not connected")
        needed, client = rights.of(worker), self._producer.client
        try:
            seen = await authorized.topics_seen(client, needed.topics)
            joins = await authorized.may_join(client, worker)
        except KafkaError as error:
            raise TemporaryError(f"no Kafka broker answers: {type(error).__name__}") from error
        there = {name for name, topic in seen.items() if topic.exists}
        lacking = [
            f"read {name}" for name in sorted(needed.reads & there) if not seen[name].readable
        ]
        lacking += [
            f"write {name}" for name in sorted(needed.writes & there) if not seen[name].writable
        ]
        lacking += [] if joins else [f"read in group {worker}"]
        if lacking:
            raise FatalError(
                f"Kafka does not let {kafka.user(self._access)} {', '.join(lacking)}: "
                f"`python -m deploy.acl apply` gives {worker} its rights"
            )
        return sorted(needed.topics - there)

    async def send(self, topic: TopicCard, event: Event[Payload]) -> "asyncio.Future[Any]":
        """Hand over for writing, in order; the future is done once all replicas have it."""
        key, value, headers = encode(event)
        return await self.send_raw(topic, key, value, headers)

    async def send_raw(
        self,
        topic: TopicCard,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> "asyncio.Future[Any]":
        """As `send`, for bytes that are taken as they are.

        Raises ValueError for a message larger than the topic takes.
        """
        if self._producer is None:
            raise TemporaryError("the publisher is not connected")
        if len(value or b"") > topic.max_message_bytes:
            raise ValueError(f"{len(value or b'')} bytes are too many for topic {topic.name}")
        try:
            partition = None
            if topic is FEEDBACK:
                numbers = await self._producer.partitions_for(topic.name)
                partition = feedback_partition(peek_type(headers), key, len(numbers))
            future: asyncio.Future[Any] = await self._producer.send(
                topic.name, value, partition=partition, key=key, headers=list(headers)
            )
        except MessageSizeTooLargeError as error:
            raise ValueError(f"message too large for topic {topic.name}") from error
        except KafkaError as error:
            raise TemporaryError(f"cannot write to {topic.name}: {type(error).__name__}") from error
        _published(topic.name).inc()
        return future

    async def publish(self, topic: TopicCard, *events: Event[Payload]) -> None:
        """Write the events and wait until they are safe. Raises TemporaryError."""
        futures = [await self.send(topic, event) for event in events]
        try:
            await asyncio.gather(*futures)
        except KafkaError as error:
            raise TemporaryError(f"cannot write to {topic.name}: {type(error).__name__}") from error


async def publish_once(
    access: KafkaSettings, client_id: str, topic: TopicCard, *events: Event[Payload]
) -> None:
    """For programs that say something and end. Raises TemporaryError and FatalError."""
    publisher = Publisher(access, client_id)
    await publisher.start()
    try:
        await publisher.publish(topic, *events)
    finally:
        await publisher.stop()


@functools.cache
def _published(topic: str) -> Counter:
    """The counter of a topic: looked up once, not for every event."""
    return metrics.PUBLISHED.labels(topic)
