"""`python -m services.feedback.rebuild` makes the outcomes anew from the feedback topic.

Into a database of its own, which has to be empty; the figures over it are equal to those of the
worker, as far back as the topic goes (`python -m services.feedback.report --database NAME`).
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, get_args

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.feedback.erasing import Forgetting
from services.feedback.handlers import FeedbackHandler, Told
from services.feedback.messages.mongo import MongoMessages
from services.feedback.mongo import MongoHistories, MongoOutcomes
from services.feedback.settings import Settings
from shared import kafka
from shared.envelope import Event, Record, decode, peek_type
from shared.erasing import Eraser
from shared.errors import FatalError, InvalidEvent, TemporaryError
from shared.events import CustomerErased
from shared.mongo import Mongo, MongoErasures
from shared.topics import FEEDBACK

TYPES = frozenset(payload.TYPE for payload in (*get_args(Told), CustomerErased))
SECONDS = 30.0
"""A topic that gives nothing for so long, though there is more, is away."""


async def rebuild(mongo: Mongo, batches: AsyncIterator[Sequence[Record]]) -> int:
    """Judge everything anew by these records; returns the number of events that told something.

    Raises TemporaryError, and ValueError where the database is not empty. What the worker did not
    understand is left out here, too.
    """
    if await mongo.database.list_collection_names():
        raise ValueError(f"the database {mongo.database.name} is not empty")
    settings = Settings()
    histories = MongoHistories(mongo, settings.outcomes_kept)
    outcomes = MongoOutcomes(mongo, settings.outcomes_kept)
    messages = MongoMessages(mongo, settings.messages_kept)
    await histories.create_indexes()
    await outcomes.create_indexes()
    await messages.create_indexes()
    marks = MongoErasures(mongo)
    eraser = Eraser(marks, Forgetting(histories, outcomes, messages).forget)
    record = eraser.beside(FeedbackHandler(histories, outcomes, messages).record)
    told = 0
    async for records in batches:
        events = [event for one in records if (event := _event(one))]
        await record(events)
        told += len(events)
    await eraser.again()
    return told


def _event(record: Record) -> Event[Any] | None:
    if peek_type(record.headers) not in TYPES:
        return None
    try:
        return decode(record, now=datetime.now(UTC))
    except InvalidEvent:
        return None


async def from_the_beginning(
    url: str, topic: str = FEEDBACK.name
) -> AsyncIterator[Sequence[Record]]:
    """All that the topic holds by now, in batches. Raises TemporaryError."""
    consumer = AIOKafkaConsumer(**kafka.options_at(url), enable_auto_commit=False)
    try:
        await consumer.start()
        cluster = await consumer._client.fetch_all_metadata()
        numbers = cluster.partitions_for_topic(topic) or set()
        partitions = [TopicPartition(topic, number) for number in sorted(numbers)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while [p for p in partitions if await consumer.position(p) < ends[p]]:
            batches = await consumer.getmany(timeout_ms=int(SECONDS * 1000), max_records=256)
            if not batches:
                raise TemporaryError("the feedback topic does not answer")
            yield [record for batch in batches.values() for record in batch]
    except KafkaError as error:
        raise TemporaryError(f"cannot read: {type(error).__name__}") from error
    finally:
        await consumer.stop()


async def _rebuild(kafka_url: str, mongo_url: str, database: str) -> int:
    mongo = Mongo(mongo_url, database)
    try:
        return await rebuild(mongo, from_the_beginning(kafka_url))
    finally:
        await mongo.close()


def main() -> int:
    settings = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m services.feedback.rebuild",
        description="Makes the outcomes anew from the feedback topic, in an empty database.",
    )
    kafka_url = settings.kafka_bootstrap_servers
    parser.add_argument("--kafka", default=kafka_url, help="default: KAFKA_BOOTSTRAP_SERVERS")
    parser.add_argument("--mongo-url", default=settings.mongo_url, help="default: MONGO_URL")
    parser.add_argument("--database", default="feedback_rebuilt", help="default: feedback_rebuilt")
    given = parser.parse_args()
    try:
        told = asyncio.run(_rebuild(given.kafka, given.mongo_url, given.database))
    except (FatalError, TemporaryError, ValueError) as error:
        print(f"cannot rebuild: {error}", file=sys.stderr)
        return 1
    print(f"{told} events judged anew in {given.database}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
