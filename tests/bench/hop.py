"""A process that hands each message on from one topic to the next, on bare aiokafka."""

import argparse
import asyncio
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

READY = "ready"
WAIT_MS = 1_000


async def run(kafka: str, source: str, target: str) -> None:
    """Read, write, wait until it is safe, commit; until killed."""
    consumer = AIOKafkaConsumer(
        source,
        bootstrap_servers=kafka,
        group_id=f"bench-{source}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True, acks="all")
    await producer.start()
    await consumer.start()
    print(READY, flush=True)
    try:
        while True:
            for records in (await consumer.getmany(timeout_ms=WAIT_MS)).values():
                for record in records:
                    await producer.send_and_wait(target, record.value, key=record.key)
                await consumer.commit()
    finally:
        await consumer.stop()
        await producer.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.hop", description=__doc__)
    parser.add_argument("kafka", help="host:port")
    parser.add_argument("source", help="topic to read")
    parser.add_argument("target", help="topic to write")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.kafka, arguments.source, arguments.target))
    return 0


if __name__ == "__main__":
    sys.exit(main())
