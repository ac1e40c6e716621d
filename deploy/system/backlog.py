"""How far a consumer group is behind."""

import asyncio
import time

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared import kafka
from shared.topics import TOPICS

LOOK_SECONDS = 0.1


class Backlog:
    """Looks at the committed offsets of groups without being a member of any."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._servers = bootstrap_servers
        self._consumers: dict[str, AIOKafkaConsumer] = {}

    async def __aenter__(self) -> "Backlog":
        return self

    async def __aexit__(self, *_: object) -> None:
        for consumer in self._consumers.values():
            await consumer.stop()

    async def of(self, group: str, topic: str) -> int:
        """The messages of the topic that the group has not settled."""
        consumer = await self._consumer(group)
        partitions = [TopicPartition(topic, n) for n in range(TOPICS[topic].partitions)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        return sum([ends[p] - (await consumer.committed(p) or 0) for p in partitions])

    async def gone(self, group: str, topic: str, seconds: float) -> bool:
        """Wait until nothing is left; False when that takes longer than `seconds`."""
        deadline = time.monotonic() + seconds
        while await self.of(group, topic):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(LOOK_SECONDS)
        return True

    async def _consumer(self, group: str) -> AIOKafkaConsumer:
        if group not in self._consumers:
            consumer = AIOKafkaConsumer(
                **kafka.options_at(self._servers), group_id=group, enable_auto_commit=False
            )
            await consumer.start()
            self._consumers[group] = consumer
        return self._consumers[group]
