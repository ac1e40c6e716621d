"""From publishing a ticket to its reply, one ticket at rest, against its parts made bare."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import chain
from pathlib import Path

from deploy.runtime import Say
from deploy.system import System
from shared.encoder.encoder import Encoder
from shared.mongo import Mongo
from shared.topics import INGEST, RESPONSES
from tests.bench import bare, tickets
from tests.bench.figures import Figure, Result, ratios, spread
from tests.bench.trips import Trips

ROUNDS = 8
TICKETS = 12
WARM_UP = 10
REST_SECONDS = 0.1
"""After each: feedback and the commits, which come after the reply, are then done too."""
GOAL = 1.5

Trip = Callable[[str, bytes], Awaitable[None]]


def measure(system: System, home: Path, say: Say) -> Result:
    """One ticket through the five workers, one made bare, in turns."""
    kafka = system.runtime.endpoints.kafka
    encoder = bare.served_encoder(home)
    with bare.hops(kafka):
        ours, yardstick = asyncio.run(_measure(system, encoder, say))
    middles = ratios(*([statistics.median(one) for one in side] for side in (ours, yardstick)))
    all_ours, all_bare = list(chain(*ours)), list(chain(*yardstick))
    figures = [
        Figure(
            "p50, publish to reply",
            _milliseconds(statistics.median(all_ours)),
            _milliseconds(statistics.median(all_bare)),
            spread(middles),
            f"at most {GOAL:g}",
            statistics.median(middles) <= GOAL,
        ),
        Figure(
            "p95, publish to reply",
            _milliseconds(_p95(all_ours)),
            _milliseconds(_p95(all_bare)),
            f"{_p95(all_ours) / _p95(all_bare):.2f}",
        ),
    ]
    return Result("Latency at rest", figures, _notes())


async def _measure(
    system: System, encoder: Encoder, say: Say
) -> tuple[list[list[float]], list[list[float]]]:
    """Seconds of each trip, by round: through the workers, and bare."""
    endpoints = system.runtime.endpoints
    mongo = Mongo(endpoints.mongo, "bench")
    ours: list[list[float]] = []
    yardstick: list[list[float]] = []
    async with (
        Trips(endpoints.kafka, INGEST.name, RESPONSES.name) as workers,
        Trips(endpoints.kafka, bare.TOPICS[0], bare.TOPICS[-1]) as hops,
    ):
        parts = bare.BareTicket(hops, mongo, encoder)
        await parts.create_indexes()
        made = tickets.endless(f"rest{time.time_ns()}")
        for number in range(ROUNDS + 1):
            first, second = await _round(workers.go, parts.go, made, TICKETS if number else WARM_UP)
            if number:
                ours.append(first)
                yardstick.append(second)
                say(
                    f"latency, round {number} of {ROUNDS}: careloop "
                    f"{_milliseconds(statistics.median(first))}, bare "
                    f"{_milliseconds(statistics.median(second))}"
                )
    await mongo.close()
    return ours, yardstick


async def _round(
    ours: Trip, yardstick: Trip, made: Iterator[tuple[str, bytes]], count: int
) -> tuple[list[float], list[float]]:
    """Ticket by ticket in turns: A B A B ..."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(count):
        ticket = next(made)
        for trip, found in zip((ours, yardstick), seconds, strict=True):
            began = time.perf_counter()
            await trip(*ticket)
            found.append(time.perf_counter() - began)
            await asyncio.sleep(REST_SECONDS)
    return seconds


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _notes() -> list[str]:
    return [
        f"{ROUNDS} rounds of {TICKETS} tickets, one at a time, each also made bare right after; "
        "the ratio of p50 is the rounds' median (smallest to largest).",
        "Bare: four hops, each a process that reads a message from one topic and writes it to the "
        "next (idempotent producer, commit after each), one pass of classify's encoder, and the "
        "database calls of ingest, personalize and generate, as many as they make (six reads by "
        "id, five inserts), on the same broker and database.",
        "Not in the yardstick: all else that the workers do.",
    ]
