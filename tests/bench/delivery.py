"""Our delivery loop against a bare aiokafka loop of the same guarantees, message for message, and
against FastStream's own handler of one message a call."""

import asyncio
import os
import statistics
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaProducer

from deploy import topics as topic_admin
from deploy.runtime import Runtime, Say, start
from shared.envelope import encode
from shared.topics import CLASSIFY
from tests.bench.figures import Figure, Result, ratios, spread
from tests.bench.meter import Speed
from tests.integration.samples import accepted

MESSAGES = 30_000
ROUNDS = 4
VALUE_BYTES = 1_000
GOAL, FASTSTREAM_GOAL = 0.8, 5.0
LONGEST_RUN = 120.0


@dataclass(frozen=True)
class Contender:
    """A loop to be measured: what it is called, and the module with its options."""

    name: str
    module: str
    options: tuple[str, ...] = ()
    messages: int = MESSAGES
    """How many it takes of those on the topic."""


OURS = Contender("careloop", "tests.bench.loop_careloop")
JSON = Contender("aiokafka, JSON parsed", "tests.bench.loop_raw", ("--work", "json"))
CONTRACT = Contender("aiokafka, contract checked", "tests.bench.loop_raw", ("--work", "contract"))
BYTES = Contender("aiokafka, bytes moved", "tests.bench.loop_raw", ("--work", "bytes"))
FASTSTREAM = Contender(
    "FastStream, one by one", "tests.bench.loop_faststream", messages=MESSAGES // 10
)
"""A tenth of the messages: it commits each, and its speed does not change on the way."""
YARDSTICKS: dict[Contender, float | None] = {CONTRACT: GOAL, JSON: None, BYTES: None}
"""And the share of their speed that ours is to reach: the goal names a loop of the same
guarantees, and a loop that trusts every message gives less. The others show what checking costs."""
VARIANTS = {
    "handler does nothing": ((), {**YARDSTICKS, FASTSTREAM: FASTSTREAM_GOAL}),
    "one event published per event": (("--publish",), YARDSTICKS),
}
"""What the handler does, how its loops are told, and whom we are measured against."""


def measure(folder: Path, say: Say) -> Result:
    """Fill a topic and have every loop take all of it, in turns."""
    with start(folder / "runtime", say=say) as runtime:
        topic_admin.apply(runtime.endpoints.kafka)
        say(f"filling a topic with {MESSAGES} messages")
        asyncio.run(_fill(runtime.endpoints.kafka))
        figures: list[Figure] = []
        for title, (options, yardsticks) in VARIANTS.items():
            speeds = _rounds(runtime, title, options, yardsticks, say)
            figures += _figures(title, speeds, yardsticks)
    return Result("Delivery loop", figures, _notes())


async def _fill(kafka: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=5, max_batch_size=256 * 1024)
    await producer.start()
    try:
        padding = "x" * (VALUE_BYTES - len(encode(accepted("T00000", 1, ""))[1]))
        sent = []
        for number in range(MESSAGES):
            key, value, headers = encode(accepted(f"T{number:05}", 1, padding))
            sent.append(await producer.send(CLASSIFY.name, value, key=key, headers=headers))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


def _rounds(
    runtime: Runtime,
    title: str,
    options: Sequence[str],
    yardsticks: Mapping[Contender, float | None],
    say: Say,
) -> dict[Contender, list[Speed]]:
    """Each round has every loop once, one after the other: A B C, A B C, ..."""
    speeds: dict[Contender, list[Speed]] = {one: [] for one in (OURS, *yardsticks)}
    for number in range(1, ROUNDS + 1):
        for contender, found in speeds.items():
            found.append(_run(runtime, contender, options))
        latest = ", ".join(f"{c.name} {s[-1].per_second:,.0f}/s" for c, s in speeds.items())
        say(f"{title}, round {number} of {ROUNDS}: {latest}")
    return speeds


def _run(runtime: Runtime, contender: Contender, options: Sequence[str]) -> Speed:
    settings = {"KAFKA_BOOTSTRAP_SERVERS": runtime.endpoints.kafka, "HTTP_PORT": "0"}
    group = f"bench-{uuid.uuid4().hex[:8]}"
    command = [sys.executable, "-m", contender.module, group, str(contender.messages)]
    done = subprocess.run(
        [*command, *contender.options, *options],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=LONGEST_RUN,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{contender.name} failed:\n{done.stderr[-3000:]}")
    return Speed.of_line(done.stdout)


def _figures(
    title: str,
    speeds: Mapping[Contender, Sequence[Speed]],
    yardsticks: Mapping[Contender, float | None],
) -> list[Figure]:
    figures = []
    for yardstick, goal in yardsticks.items():
        wall = ratios(*([s.per_second for s in speeds[c]] for c in (OURS, yardstick)))
        cpu = ratios(*([s.per_cpu_second for s in speeds[c]] for c in (OURS, yardstick)))
        figures.append(
            Figure(
                title,
                _median(speeds[OURS]),
                f"{yardstick.name}: {_median(speeds[yardstick])}",
                f"{spread(wall)}; by CPU time {spread(cpu)}",
                f"at least {goal:g}" if goal else "",
                statistics.median(wall) >= goal if goal else None,
            )
        )
    return figures


def _median(speeds: Sequence[Speed]) -> str:
    return f"{statistics.median(speed.per_second for speed in speeds):,.0f} msg/s"


def _notes() -> list[str]:
    return [
        f"{MESSAGES} messages of {VALUE_BYTES} bytes on 6 partitions, each loop in a process and a "
        f"consumer group of its own, {ROUNDS} rounds in turns, median (smallest to largest).",
        "Same on all sides: at least once by explicit commit after handling, one commit a batch, "
        "batches of at most 256, same fetch settings, idempotent producer, all writes awaited.",
        "JSON parsed: reads the value (orjson) and the `ce_` headers and derives the ids of what "
        "it publishes, as any consumer must, but trusts every message. Contract checked: with our "
        "envelope and event models instead, so what is left to compare is the loop itself.",
        "FastStream, one by one: AckPolicy.MANUAL, each message acknowledged by a commit once the "
        f"handler is through; {FASTSTREAM.messages} of the same messages.",
        "Ours besides: checks the contract, orders by key, retries, writes dead letters, pauses "
        "partitions, counts, and drains.",
    ]
