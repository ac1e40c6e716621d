"""The yardstick: a batch loop on bare aiokafka with the guarantees of ours, in its own process.

At least once: it reads a batch, handles it, awaits that everything published is safe on all
replicas (idempotent producer), and then commits the batch's offsets itself. Same batch size, same
consumer settings. It makes of each message what its `work` says.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import chain

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from shared import ids
from shared.envelope import decode, encode
from shared.events import TicketAccepted, TicketClassified
from shared.settings import WorkerSettings
from shared.topics import CLASSIFY, PERSONALIZE
from tests.bench.meter import Meter
from tests.integration.samples import UNDERSTANDING

Outgoing = tuple[bytes, list[tuple[str, bytes]]]
Work = Callable[[Sequence[ConsumerRecord], bool], list[Outgoing]]
UNDERSTOOD = UNDERSTANDING.model_dump(mode="json", exclude_none=True)


def move_bytes(records: Sequence[ConsumerRecord], publishes: bool) -> list[Outgoing]:
    """Look at nothing: what comes in goes out."""
    return [(record.value, list(record.headers)) for record in records] if publishes else []


def parse_json(records: Sequence[ConsumerRecord], publishes: bool) -> list[Outgoing]:
    """Parse the value and read the headers, as any consumer must, but trust what they say.

    What is published has an id derived from its cause, so that a redelivery publishes the same.
    """
    messages = [
        ({name: value.decode() for name, value in record.headers}, orjson.loads(record.value))
        for record in records
    ]
    outgoing = []
    for headers, data in messages if publishes else ():
        event_id = ids.derived(headers["ce_id"], TicketClassified.TYPE)
        changed = headers | {"ce_id": event_id, "ce_type": TicketClassified.TYPE}
        value = orjson.dumps({**data, "understanding": UNDERSTOOD})
        outgoing.append((value, [(name, text.encode()) for name, text in changed.items()]))
    return outgoing


def check_contract(records: Sequence[ConsumerRecord], publishes: bool) -> list[Outgoing]:
    """Events in and out by the contract, as in our loop, so that nothing invalid goes further."""
    events = [decode(record, now=datetime.now(UTC)) for record in records]
    outgoing = []
    for event in events if publishes else ():
        assert isinstance(event.data, TicketAccepted)
        data = TicketClassified(ticket=event.data.ticket, understanding=UNDERSTANDING)
        derived = event.derive(data, source="/careloop/bench", now=datetime.now(UTC))
        _, value, headers = encode(derived)
        outgoing.append((value, headers))
    return outgoing


WORK: dict[str, Work] = {"bytes": move_bytes, "json": parse_json, "contract": check_contract}


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
    parser = argparse.ArgumentParser(prog="python -m tests.bench.loop_raw", description=__doc__)
    parser.add_argument("group", help="a consumer group of its own; reads from the beginning")
    parser.add_argument("messages", type=int, help="how many stand on the topic")
    parser.add_argument("--publish", action="store_true", help="publish one message for each")
    parser.add_argument("--work", choices=sorted(WORK), default="json", help="on each message")
    arguments = parser.parse_args()
    meter = Meter(arguments.messages)
    asyncio.run(run(arguments.group, meter, WORK[arguments.work], arguments.publish))
    return 0


if __name__ == "__main__":
    sys.exit(main())
