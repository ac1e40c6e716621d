"""The outcomes made anew from what the feedback topic holds."""

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient

from services.feedback.measuring import measure, measure_efficiency
from services.feedback.mongo import MongoOutcomes
from services.feedback.rebuild import from_the_beginning, rebuild
from services.feedback.report.figures import data
from shared.envelope import Record, encode
from shared.mongo import Mongo
from tests.component.feedback.kit import EFFORTS, empty_database, handler, stored
from tests.unit.feedback.quality_kit import HISTORY, HOUR, at

NOTHING_OF_OURS = ([("ce_type", b"careloop.insight.reported.v1")], b"{}")
TOLD = [*HISTORY, *EFFORTS]
BROKEN = ([("ce_type", b"careloop.feedback.rated.v1")], b"{")


@dataclass(frozen=True)
class Read:
    """A record as Kafka hands it over."""

    value: bytes
    headers: list[tuple[str, bytes]]
    offset: int
    key: bytes | None = None
    topic: str = "feedback"
    partition: int = 0


def records() -> list[Read]:
    told = [encode(event) for event in TOLD]
    contents = [(headers, value) for _, value, headers in told] + [NOTHING_OF_OURS, BROKEN]
    return [Read(value, headers, number) for number, (headers, value) in enumerate(contents)]


async def batches(read: Sequence[Read], size: int) -> AsyncIterator[Sequence[Record]]:
    for start in range(0, len(read), size):
        yield read[start : start + size]


async def figures(mongo: Mongo) -> object:
    outcomes, now, window = MongoOutcomes(mongo), at(103 * HOUR), timedelta(days=30)
    measured = await measure(outcomes, now=now, window=window, by="intent")
    efficiency = await measure_efficiency(outcomes, now=now, window=window, by="intent")
    return data(measured, efficiency, "intent", 30)


async def test_a_rebuild_gives_the_same_figures(mongo: Mongo, mongo_url: str) -> None:
    for event in reversed(TOLD):
        await handler(mongo).record([event])
    async with empty_database(mongo_url) as anew:
        assert await rebuild(anew, batches(records(), 7)) == len(TOLD)
        assert await figures(anew) == await figures(mongo)
        assert await stored(anew) == await stored(mongo)


async def test_a_database_that_holds_anything_is_left_alone(mongo: Mongo) -> None:
    await handler(mongo).record(HISTORY[:3])
    before = await stored(mongo)
    with pytest.raises(ValueError, match="is not empty"):
        await rebuild(mongo, batches(records(), 7))
    assert await stored(mongo) == before


async def test_all_that_kafka_holds_is_read_once(kafka_url: str) -> None:
    topic = f"feedback-{uuid.uuid4().hex}"
    admin = KafkaAdminClient(bootstrap_servers=kafka_url)
    admin.create_topics({topic: {"num_partitions": 3, "replication_factor": 1}})
    admin.wait_for_topics([topic])
    admin.close()
    assert [one async for one in from_the_beginning(kafka_url, topic)] == []
    async with AIOKafkaProducer(bootstrap_servers=kafka_url) as producer:
        for number in range(600):
            await producer.send(topic, str(number).encode(), partition=number % 2)
        await producer.flush()
    read = [record async for some in from_the_beginning(kafka_url, topic) for record in some]
    assert sorted(int(record.value or b"") for record in read) == list(range(600))
