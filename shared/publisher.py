"""Writes events to topics: idempotent producer, acknowledged by all replicas."""

import asyncio
import functools
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from prometheus_client import Counter

from shared import metrics
from shared.envelope import Event, encode
from shared.errors import TemporaryError
from shared.events import Payload
from shared.topics import TOPICS, TopicCard


class Publisher:
    """A Kafka producer for the topics of the contract."""

    def __init__(self, bootstrap_servers: str, client_id: str) -> None:
        self._options: dict[str, Any] = {
            "bootstrap_servers": bootstrap_servers,
            "client_id": client_id,
            "enable_idempotence": True,
            "acks": "all",
            "max_request_size": max(card.max_message_bytes for card in TOPICS.values()),
            "max_batch_size": 256 * 1024,
        }
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect. Raises TemporaryError when no broker answers."""
        producer = AIOKafkaProducer(**self._options)
        try:
            await producer.start()
        except KafkaError as error:
            await producer.stop()
            raise TemporaryError(f"no Kafka broker answers: {type(error).__name__}") from error
        self._producer = producer

    async def stop(self) -> None:
        """Write what is pending and disconnect."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    async def missing_topics(self) -> list[str]:
        """The topics of the contract that the broker does not have."""
        if self._producer is None:
            raise TemporaryError("the publisher is not connected")
        try:
            cluster = await self._producer.client.fetch_all_metadata()
        except KafkaError as error:
            raise TemporaryError(f"no Kafka broker answers: {type(error).__name__}") from error
        return sorted(set(TOPICS) - set(cluster.topics()))

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
            future: asyncio.Future[Any] = await self._producer.send(
                topic.name, value, key=key, headers=list(headers)
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


@functools.cache
def _published(topic: str) -> Counter:
    """The counter of a topic: looked up once, not for every event."""
    return metrics.PUBLISHED.labels(topic)
