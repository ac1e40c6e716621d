"""Five workers end to end on the cores of this machine, over the bare encoder on the same cores.

The encoder is the one thing that cannot be made cheaper: what share of its speed is left says what
all the rest costs, broker and database included.
"""

import asyncio
import itertools
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson

from deploy.runtime import Say
from deploy.system import System
from services.classify.domain.text import text_for_model
from shared.encoder.encoder import Encoder
from shared.topics import INGEST, RESPONSES
from tests.bench import bare, machine, tickets
from tests.bench.figures import Figure, Result, over
from tests.bench.processes import Spent, everything_of
from tests.bench.trips import Trips

TICKETS, ROUNDS = 2_000, 4
QUICK_TICKETS, QUICK_ROUNDS = 300, 1
IDLE_SECONDS = 5.0
GOAL = 0.60
CORES = os.cpu_count() or 1


def measure(folder: Path, home: Path, say: Say, *, quick: bool = False) -> Result:
    """Rounds in turns: all tickets through the workers, then their texts through the encoder."""
    count, rounds = (QUICK_TICKETS, QUICK_ROUNDS) if quick else (TICKETS, ROUNDS)
    load = machine.load()
    # As many threads as cores: the encoder may use them all, as the yardstick does.
    each = {"classify": {"ENCODER_THREADS": str(CORES)}}
    with System(folder / "throughput", home, say, each=each) as system:
        encoders = [bare.served_encoder(home) for _ in range(CORES)]
        pids = everything_of(system)
        before = Spent.now(pids)
        time.sleep(IDLE_SECONDS)
        idle = sum(Spent.now(pids).since(before).values()) / IDLE_SECONDS
        spent: dict[str, list[float]] = defaultdict(list)
        ours: list[float] = []
        yardstick: list[float] = []
        for number in range(rounds + 1):
            some = _tickets(count if number else count // 4)
            before = Spent.now(pids)
            seconds = asyncio.run(_through(system, some))
            used = Spent.now(pids).since(before)
            alone = _bare(encoders, _texts(some.values()))
            if number:
                ours.append(len(some) / seconds)
                yardstick.append(len(some) / alone)
                for name, one in used.items():
                    spent[name].append(one / len(some))
                say(
                    f"throughput, round {number} of {rounds}: {ours[-1]:.0f}/s, "
                    f"bare {yardstick[-1]:.0f}/s"
                )
    figures = [
        over("five workers, over the bare encoder", "tickets/s", ours, yardstick, GOAL),
        *_shares(spent),
        Figure("all of them idle", f"{100 * idle:.0f} % of a core"),
    ]
    return Result("Throughput of all five workers", figures, _notes(count, rounds, load))


def _tickets(count: int) -> dict[str, bytes]:
    return dict(itertools.islice(tickets.endless(f"all{time.time_ns()}"), count))


def _texts(messages: Iterable[bytes]) -> list[str]:
    """What the encoder reads of them."""
    read = [orjson.loads(message) for message in messages]
    return [text_for_model(one.get("subject"), one["body"]) for one in read]


async def _through(system: System, some: dict[str, bytes]) -> float:
    """Seconds from the first ticket sent to the last response read."""
    async with Trips(system.runtime.endpoints.kafka, INGEST.name, RESPONSES.name) as trips:
        began = time.perf_counter()
        for ticket_id, message in some.items():
            await trips.send(ticket_id, message)
        await trips.answers(set(some))
        return time.perf_counter() - began


def _bare(encoders: Sequence[Encoder], texts: Sequence[str]) -> float:
    """Seconds of one pass for each text, the texts dealt out to an encoder on each core."""
    began = time.perf_counter()
    with ThreadPoolExecutor(len(encoders)) as pool:
        parts = [texts[place :: len(encoders)] for place in range(len(encoders))]
        list(pool.map(lambda pair: pair[0].encode(pair[1]), zip(encoders, parts, strict=True)))
    return time.perf_counter() - began


def _shares(spent: dict[str, list[float]]) -> list[Figure]:
    """CPU time of a ticket by process: where the rest goes."""
    middles = {name: statistics.median(found) for name, found in spent.items()}
    total = sum(middles.values())
    return [
        Figure(
            f"{name}, CPU time of a ticket",
            f"{1000 * seconds:.2f} ms",
            f"all: {1000 * total:.2f} ms",
            f"{seconds / total:.2f}",
        )
        for name, seconds in middles.items()
    ]


def _notes(count: int, rounds: int, load: str) -> list[str]:
    return [
        f"{rounds} rounds of {count} of the demo's tickets, each of a new customer, sent at once: "
        "from the first one sent to the last response read. Ratios are the rounds' median "
        "(smallest to largest).",
        f"Bare: the same texts, an int8 encoder of one thread on each of {CORES} cores, each text "
        "one pass, while the workers idle. Kafka, the database and this process share the cores.",
        f"Classify computes with {CORES} threads. {load}",
    ]
