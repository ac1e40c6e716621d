"""What waits in the topics that this process reads, looked at every few seconds.

It tells the metrics how much and how old, the readiness whether Kafka answers, and the liveness
whether anything still goes on: a process with messages to read that neither settles one nor fails
at one does not recover by itself.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared import log, metrics
from shared.progress import Progress

logger = log.get(__name__)


@dataclass
class Reading:
    """One topic that this process reads. `consumer` gives None while it is not connected."""

    topic: str
    progress: Progress
    consumer: Callable[[], AIOKafkaConsumer | None]
    lags: dict[int, int] = field(default_factory=dict)
    seen_waiting: dict[int, float] = field(default_factory=dict)
    """When messages of a partition were first seen to wait, by partition, since 1970."""


class Backlog:
    """Looks at all topics of the process. `now` gives seconds since 1970."""

    def __init__(
        self, seconds: float, stuck_seconds: float, now: Callable[[], float] = time.time
    ) -> None:
        self._seconds = seconds
        self._stuck_seconds = stuck_seconds
        self._now = now
        self._readings: list[Reading] = []
        self._seen_at: float | None = None

    def add(self, reading: Reading) -> None:
        self._readings.append(reading)

    def reads_first(self, topic: str) -> bool:
        """Whether the first partition of the topic is this process's: of a group it is one's."""
        first = TopicPartition(topic, 0)
        consumers = [one.consumer() for one in self._readings if one.topic == topic]
        return any(one is not None and first in one.assignment() for one in consumers)

    def kafka_away(self) -> str | None:
        """Readiness: says since when Kafka has not answered, or that no partitions are known."""
        if self._seen_at is None:
            return "partitions not assigned yet"
        silent = self._now() - self._seen_at
        return f"no answer for {silent:.0f} s" if silent > 3 * self._seconds else None

    def stuck(self) -> str | None:
        """Liveness: says what topic has messages waiting while nothing goes on."""
        for reading in self._readings:
            seconds = self._stalled_seconds(reading)
            if seconds > self._stuck_seconds:
                waiting = sum(reading.lags.values())
                return f"{reading.topic}: {waiting} messages wait, nothing done for {seconds:.0f} s"
        return None

    async def run(self) -> None:
        """Look for as long as the process lives."""
        while True:
            try:
                found = [await self._look(reading) for reading in self._readings]
                if all(found):
                    self._seen_at = self._now()
            except KafkaError as error:
                logger.debug("cannot see the backlog", why=type(error).__name__)
            # Soon again until the group has taken this process in: it is not ready before.
            await asyncio.sleep(self._seconds if self._seen_at else min(0.2, self._seconds))

    async def _look(self, reading: Reading) -> bool:
        """Whether the process has joined its group. Raises KafkaError."""
        consumer = reading.consumer()
        if consumer is None or not reading.progress.joined:
            return False
        partitions = sorted(consumer.assignment())
        ends = await consumer.end_offsets(partitions) if partitions else {}
        lags = {
            partition.partition: max(0, end - await _next(reading, consumer, partition))
            for partition, end in ends.items()
            if partition in consumer.assignment()
        }
        self._take(reading, lags)
        return True

    def _take(self, reading: Reading, lags: dict[int, int]) -> None:
        now = self._now()
        reading.seen_waiting = {
            partition: reading.seen_waiting.get(partition, now)
            for partition, lag in lags.items()
            if lag
        }
        for gone in reading.lags.keys() - lags.keys():
            metrics.LAG.remove(reading.topic, str(gone))
        reading.lags = lags
        for partition, lag in lags.items():
            metrics.LAG.labels(reading.topic, str(partition)).set(lag)
        metrics.ASSIGNED.labels(reading.topic).set(len(lags))
        metrics.OLDEST.labels(reading.topic).set(self._oldest_seconds(reading))
        metrics.STALLED.labels(reading.topic).set(self._stalled_seconds(reading))

    def _oldest_seconds(self, reading: Reading) -> float:
        """The age of the oldest message; of those not read yet, since they were seen to wait."""
        ages = [
            self._now() - (reading.progress.written_at(partition) or seen)
            for partition, seen in reading.seen_waiting.items()
        ]
        return max(0.0, *ages) if ages else 0.0

    def _stalled_seconds(self, reading: Reading) -> float:
        if not reading.seen_waiting:
            return 0.0
        waited = self._now() - min(reading.seen_waiting.values())
        return max(0.0, min(waited, reading.progress.idle_seconds))


async def _next(reading: Reading, consumer: AIOKafkaConsumer, partition: TopicPartition) -> int:
    known = reading.progress.next_offset(partition.partition)
    offset: int = await consumer.position(partition) if known is None else known
    return offset
