"""The outcomes made anew from what the feedback topic holds."""

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient

from services.feedback.mongo import MongoOutcomes
from services.feedback.quality.measuring import measure, measure_efficiency
from services.feedback.rebuild import from_the_beginning, rebuild
from services.feedback.report.figures import data
from shared.envelope import Event, Record, encode
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


def read(events: Sequence[Event[Any]]) -> list[Read]:
    encoded = [encode(event) for event in events]
    return [Read(value or b"", headers, n) for n, (_, value, headers) in enumerate(encoded)]


def records() -> list[Read]:
    others = [Read(value, headers, len(TOLD)) for headers, value in (NOTHING_OF_OURS, BROKEN)]
    return [*read(TOLD), *others]


async def batches(all_of_them: Sequence[Read], size: int) -> AsyncIterator[Sequence[Record]]:
    for start in range(0, len(all_of_them), size):
        yield all_of_them[start : start + size]


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
