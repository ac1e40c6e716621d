"""There and back through Kafka: a message goes in on one topic, its answer comes out on another."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaTimeoutError

Headers = Sequence[tuple[str, bytes]]

LONGEST = 60.0
"""Seconds without any answer that end the measurement."""


class Trips:
    """Sends to `there` and reads what is new on `back`. A context manager."""

    def __init__(self, kafka: str, there: str, back: str) -> None:
        self._there, self._back = there, back
        self._producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True)
        self._consumer = AIOKafkaConsumer(bootstrap_servers=kafka)

    async def __aenter__(self) -> Self:
        await self._producer.start()
        await self._consumer.start()
        cluster = await self._consumer._client.fetch_all_metadata()
        numbers = cluster.partitions_for_topic(self._back) or set()
        partitions = [TopicPartition(self._back, number) for number in sorted(numbers)]
        self._consumer.assign(partitions)
        await self._consumer.seek_to_end(*partitions)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._consumer.stop()
        await self._producer.stop()

    async def go(self, key: str, value: bytes) -> None:
        """Send one message and wait for the answer with its key."""
        await self.send(key, value)
        await self.answers({key})

    async def send(self, key: str, value: bytes, headers: Headers = ()) -> None:
        await self._producer.send(self._there, value, key=key.encode(), headers=headers)

    async def answers(self, keys: set[str]) -> None:
        """Wait for one answer to each key. Raises KafkaTimeoutError when they stay away."""
        missing = set(keys)
        while missing:
            # Not getone: it holds on to a partition it has read to its end, and what comes next
            # there then waits for the next fetch, up to half a second.
            batches = await self._consumer.getmany(timeout_ms=int(LONGEST * 1000))
            if not batches:
                raise KafkaTimeoutError(f"no answer on {self._back} in {LONGEST} s")
            missing -= {record.key.decode() for batch in batches.values() for record in batch}
