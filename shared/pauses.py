"""Partitions that wait for something outside to come back."""

import asyncio
import random

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError

from shared import log, metrics

logger = log.get(__name__)


class Pauses:
    """Pauses partitions for a growing while, and resumes them."""

    def __init__(self, base_seconds: float, max_seconds: float) -> None:
        self._base = base_seconds
        self._max = max_seconds
        self._failures: dict[TopicPartition, int] = {}
        self._resuming: dict[TopicPartition, asyncio.Task[None]] = {}

    def progressed(self, partition: TopicPartition) -> None:
        """The partition works again: its next pause starts short."""
        self._failures.pop(partition, None)

    def pause(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int, why: str
    ) -> None:
        """Go back to `offset` and read on from there after a while."""
        failures = self._failures[partition] = self._failures.get(partition, 0) + 1
        seconds = backoff(failures, self._base, self._max)
        try:
            consumer.seek(partition, offset)
            consumer.pause(partition)
        except IllegalStateError:
            # No longer ours: whoever has it now starts from the committed offset.
            return
        metrics.PAUSED.labels(partition.topic).inc()
        logger.warning(
            "partition paused",
            topic=partition.topic,
            partition=partition.partition,
            offset=offset,
            seconds=round(seconds, 1),
            why=why,
        )
        self._resuming[partition] = asyncio.create_task(self._resume(consumer, partition, seconds))

    def forget(self) -> None:
        """Partitions were taken away or the worker stops: what is resumed is none of ours."""
        for task in self._resuming.values():
            task.cancel()
        self._resuming.clear()
        self._failures.clear()

    async def _resume(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, seconds: float
    ) -> None:
        await asyncio.sleep(seconds)
        self._resuming.pop(partition, None)
        if partition in consumer.assignment():
            consumer.resume(partition)


def backoff(attempt: int, base_seconds: float, max_seconds: float) -> float:
    """Exponential back-off with equal jitter: half fixed, half drawn, at most `max_seconds`."""
    seconds = min(max_seconds, base_seconds * 2.0 ** min(attempt - 1, 30))
    return seconds / 2 + random.uniform(0, seconds / 2)
