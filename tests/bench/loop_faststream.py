"""The yardstick of what FastStream gives by itself: one message for each call of the handler.

At least once, as its documentation has it: `AckPolicy.MANUAL`, acknowledged once handled, which
commits. Its defaults acknowledge first, and a killed process then loses messages. It runs in its
own process, on the messages of `loop_raw`.
"""

import argparse
import asyncio
import logging
import sys
from typing import Any

from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from shared.settings import WorkerSettings
from shared.topics import CLASSIFY
from tests.bench.meter import Meter, Speed


async def run(group: str, meter: Meter) -> Speed:
    """Take all messages of the topic; the speed."""
    settings = WorkerSettings()
    broker = KafkaBroker(
        settings.kafka_bootstrap_servers,
        logger=logging.getLogger("faststream"),
        log_level=logging.DEBUG,
    )
    done: asyncio.Future[Speed] = asyncio.get_running_loop().create_future()

    @broker.subscriber(
        CLASSIFY.name,
        group_id=group,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        fetch_max_bytes=settings.fetch_max_bytes,
        session_timeout_ms=settings.session_timeout_ms,
        heartbeat_interval_ms=settings.heartbeat_interval_ms,
    )
    async def handle(body: dict[str, Any], message: KafkaMessage) -> None:
        await message.ack()
        speed = meter.handled(1)
        if speed is not None and not done.done():
            done.set_result(speed)

    await broker.start()
    try:
        return await done
    finally:
        await broker.stop()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.loop_faststream", description=__doc__
    )
    parser.add_argument("group", help="a consumer group of its own; reads from the beginning")
    parser.add_argument("messages", type=int, help="how many of those on the topic to take")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    print(asyncio.run(run(arguments.group, Meter(arguments.messages))).line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
