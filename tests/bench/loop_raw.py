"""The yardstick: a batch loop on bare aiokafka with the guarantees of ours, in its own process.

At least once: it reads a batch, handles it, awaits that everything published is safe on all
replicas (idempotent producer), and then commits the batch's offsets itself. Same batch size, same
consumer settings. By default it parses the JSON value and reads the `ce_` headers, as any consumer
must, and gives what it publishes an id derived from its cause, so that a redelivery publishes the
same; `--bare` leaves even that away and moves bytes.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from shared import ids
from shared.events import TicketClassified
from shared.settings import WorkerSettings
from shared.topics import CLASSIFY, PERSONALIZE
from tests.bench.meter import Meter
from tests.integration.samples import UNDERSTANDING

Outgoing = tuple[bytes, list[tuple[str, bytes]]]
UNDERSTOOD = UNDERSTANDING.model_dump(mode="json", exclude_none=True)


def parsed(records: Sequence[ConsumerRecord]) -> list[tuple[dict[str, str], Any]]:
    """Headers and data of each message."""
    return [
        ({name: value.decode() for name, value in record.headers}, orjson.loads(record.value))
        for record in records
    ]


def follow_up(headers: dict[str, str], data: Any) -> Outgoing:
    """The event that follows from a message, id and type derived, the rest passed on."""
    event_id = ids.derived(headers["ce_id"], TicketClassified.TYPE)
    changed = headers | {"ce_id": event_id, "ce_type": TicketClassified.TYPE}
    value = orjson.dumps({**data, "understanding": UNDERSTOOD})
    return value, [(name, text.encode()) for name, text in changed.items()]


def work_parsed(records: Sequence[ConsumerRecord], publishes: bool) -> list[Outgoing]:
    messages = parsed(records)
    return [follow_up(headers, data) for headers, data in messages] if publishes else []


def work_bare(records: Sequence[ConsumerRecord], publishes: bool) -> list[Outgoing]:
    return [(record.value, list(record.headers)) for record in records] if publishes else []


Work = Callable[[Sequence[ConsumerRecord], bool], list[Outgoing]]


async def run(group: str, meter: Meter, work: Work, publishes: bool) -> None:
    settings = WorkerSettings()
    consumer = AIOKafkaConsumer(
        CLASSIFY.name,
        bootstrap_servers=settings.kafka_bootstrap_servers,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_bytes=settings.fetch_max_bytes,
        session_timeout_ms=settings.session_timeout_ms,
        heartbeat_interval_ms=settings.heartbeat_interval_ms,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        enable_idempotence=True,
        acks="all",
        max_batch_size=256 * 1024,
    )
    await producer.start()
    await consumer.start()
    try:
        speed = None
        while speed is None:
            batches = await consumer.getmany(
                timeout_ms=settings.poll_ms, max_records=settings.batch_max_records
            )
            records = list(chain(*batches.values()))
            if not records:
                continue
            outgoing = work(records, publishes)
            # Here our loop has read its batch and calls the handler.
            speed = meter.handled(len(records))
            sent = [
                await producer.send(PERSONALIZE.name, value, key=record.key, headers=headers)
                for record, (value, headers) in zip(records, outgoing, strict=False)
            ]
            await asyncio.gather(*sent)
            await consumer.commit(
                {partition: batch[-1].offset + 1 for partition, batch in batches.items()}
            )
        print(speed.line(), flush=True)
    finally:
        await consumer.stop()
        await producer.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("group", help="a consumer group of its own; reads from the beginning")
    parser.add_argument("messages", type=int, help="how many stand on the topic")
    parser.add_argument("--publish", action="store_true", help="publish one message for each")
    parser.add_argument("--bare", action="store_true", help="neither parse nor read headers")
    arguments = parser.parse_args()
    work = work_bare if arguments.bare else work_parsed
    meter = Meter(arguments.messages)
    asyncio.run(run(arguments.group, meter, work, arguments.publish))
    return 0


if __name__ == "__main__":
    sys.exit(main())
