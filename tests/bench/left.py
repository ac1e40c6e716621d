"""What tickets leave behind on the topics."""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.topics import TOPICS

Counts = Mapping[str, tuple[int, int]]
"""How many and how many bytes, by name."""


async def on_topics(kafka: str) -> dict[str, tuple[int, int]]:
    """Messages and bytes (key, value, headers) on every topic that has any."""
    found = {}
    for name in TOPICS:
        stored = await records(kafka, name)
        if stored:
            found[name] = (len(stored), sum(_bytes(one) for one in stored))
    return found


async def records(kafka: str, topic: str) -> list[ConsumerRecord]:
    """All that stands on a topic now."""
    partitions = [TopicPartition(topic, number) for number in range(TOPICS[topic].partitions)]
    found: list[ConsumerRecord] = []
    async with AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest") as consumer:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(one) < ends[one] for one in partitions]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += batch
    return found


def over(after: Counts, before: Counts, tickets: int) -> dict[str, tuple[float, float]]:
    """What was added, of a ticket."""
    return {
        name: ((count - old[0]) / tickets, (size - old[1]) / tickets)
        for name, (count, size) in after.items()
        for old in [before.get(name, (0, 0))]
    }


def _bytes(record: ConsumerRecord) -> int:
    headers = sum(len(name) + len(value) for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers
