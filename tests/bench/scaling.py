"""Tickets a second of classify by the number of its processes: measured here, and by the model.

One run measures how long a batch of 1 to 256 messages takes one process, how much two encoders
slow each other down on this machine, and what one and two processes take of a backlog. The model
is told the first two and has to say the third; past the cores of this machine it alone speaks.
"""

import asyncio
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deploy import topics as topic_admin
from deploy.runtime import Runtime, Say, start
from deploy.system import artifacts
from deploy.system.processes import WorkerProcess
from shared.topics import CLASSIFY
from tests.bench import backlog, bare, machine, tickets
from tests.bench.backlog import Drained
from tests.bench.figures import Figure, Result, spread
from tests.bench.queueing.contention import stretch
from tests.bench.queueing.demand import at_once, at_random
from tests.bench.queueing.service import ServiceCurve
from tests.bench.queueing.simulation import Station, simulate

TICKETS, ROUNDS = 3_000, 3
QUICK_TICKETS, QUICK_ROUNDS = 200, 1
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
REPEATS = 6
ERROR_GOAL = 0.10
CORES = os.cpu_count() or 1
PREDICTED = (10, 100, 1_000)
LOADED = 0.7
"""Share of what full batches give, at which waiting times are predicted."""
PARTITIONS_A_PROCESS = 4
SIMULATED_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Measured:
    """`service` of one process alone; `slowdown` of an encoder beside another; messages a second
    of a backlog by the number of processes, by round, and how the CPU time was shared."""

    service: ServiceCurve
    slowdown: float
    drained: dict[int, list[Drained]]

    @property
    def others(self) -> float:
        """CPU time of everybody else over that of classify, with one process."""
        return statistics.median(one.others / one.own for one in self.drained[1])


def measure(folder: Path, home: Path, say: Say, *, quick: bool = False) -> Result:
    artifacts.ensure(str(home / "models"), home / "cache", say)
    load = machine.load()
    with start(folder / "scaling", say=say) as runtime:
        topic_admin.apply(runtime.endpoints.kafka)
        measured = asyncio.run(_measured(runtime, folder, home, say, quick))
    figures = [_figure(measured, processes) for processes in measured.drained]
    figures += [_predicted(measured.service, processes) for processes in PREDICTED]
    return Result("Classify by processes", figures, _notes(measured, load))


async def _measured(runtime: Runtime, folder: Path, home: Path, say: Say, quick: bool) -> Measured:
    count, rounds = (QUICK_TICKETS, QUICK_ROUNDS) if quick else (TICKETS, ROUNDS)
    workers = [_worker(runtime, folder, home, number) for number in range(2)]
    alone, second = workers
    drained: dict[int, list[Drained]] = {1: [], 2: []}
    slowdowns = []
    alone.start()
    try:
        await backlog.ready(workers[:1])
        await backlog.drain(runtime, workers[:1], count // 4)
        observed = await (
            backlog.by_size(runtime, alone, SIZES[::4], 2, 2)
            if quick
            else backlog.by_size(runtime, alone, SIZES, REPEATS, tickets.distinct())
        )
        service = ServiceCurve.observed(observed)
        say(f"scaling: {_by_size(service)}")
        for number in range(1, rounds + 1):
            slowdowns.append(bare.slowdown(home, count))
            drained[1].append(await backlog.drain(runtime, workers[:1], count))
            second.start()
            await backlog.ready(workers)
            drained[2].append(await backlog.drain(runtime, workers, count))
            second.stop()
            await backlog.ready(workers[:1])
            one, two = (found[-1].per_second for found in drained.values())
            say(f"scaling, round {number} of {rounds}: {one:.0f}/s, with two {two:.0f}/s")
    finally:
        for worker in workers:
            if worker.is_started:
                worker.stop()
    return Measured(service, statistics.median(slowdowns), drained)


def _worker(runtime: Runtime, folder: Path, home: Path, number: int) -> WorkerProcess:
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": runtime.endpoints.kafka,
        "MONGO_URL": runtime.endpoints.mongo,
        "MODEL_STORE": str(home / "models"),
        "MODEL_CACHE": str(home / "cache"),
        "ENCODER_THREADS": "1",
        "LOOK_SECONDS": "1",
    }
    return WorkerProcess("classify", environment, folder / f"classify-{number}.log")


def _figure(measured: Measured, processes: int) -> Figure:
    """What was measured, and the model's error."""
    speeds = [one.per_second for one in measured.drained[processes]]
    predicted = _of_backlog(measured, processes, measured.drained[processes])
    error = predicted / statistics.median(speeds) - 1
    return Figure(
        f"{processes} {'process' if processes == 1 else 'processes'} on {CORES} cores",
        f"{spread(speeds, 0)} tickets/s",
        f"the model: {predicted:.0f} tickets/s",
        f"{error:+.1%} of error",
        f"within {ERROR_GOAL:.0%}",
        abs(error) <= ERROR_GOAL,
    )


def _of_backlog(measured: Measured, processes: int, rounds: Sequence[Drained]) -> float:
    """What the model says of the same backlog on the cores of this machine."""
    factor = stretch(processes, CORES, measured.slowdown, measured.others)
    station = Station(measured.service.stretched(factor), processes, CLASSIFY.partitions)
    count = rounds[0].messages
    return simulate(at_once(count), np.arange(count), station).per_second


def _predicted(service: ServiceCurve, processes: int) -> Figure:
    """On a core of its own each: waiting times at a load that leaves some air."""
    rate = LOADED * processes * service.most_per_second(256)
    random = np.random.default_rng(processes)
    arrivals = at_random(rate, SIMULATED_SECONDS, random)
    station = Station(service, processes, PARTITIONS_A_PROCESS * processes)
    served = simulate(arrivals, np.arange(len(arrivals)), station)
    p50, p95, p99 = 1000 * np.quantile(served.sojourn, [0.5, 0.95, 0.99])
    return Figure(
        f"{processes} processes, a core each, by the model",
        f"{rate:,.0f} tickets/s at {LOADED:.0%} load",
        f"{station.partitions:,} partitions",
        f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms",
    )


def _by_size(service: ServiceCurve) -> str:
    """Milliseconds of a message by how many are in a batch."""
    told = [
        f"{1000 * seconds / messages:.1f} in batches of {messages:.0f}"
        for messages, seconds in zip(service.messages, service.seconds, strict=True)
    ]
    return f"milliseconds of a message: {', '.join(told)}"


def _notes(measured: Measured, load: str) -> list[str]:
    service = measured.service
    return [
        f"Measured: a backlog of {measured.drained[1][0].messages} messages, one thread for each "
        "process, the median of the rounds in turns (smallest to largest); from the first message "
        "sent to the last answer read.",
        f"The model: {_by_size(service)}, by one process; two encoders at once are each "
        f"{measured.slowdown:.2f} times slower than one (the bare encoder, same run); broker, "
        f"database and this process take {measured.others:.2f} of the CPU time of classify, and "
        "want it from the same cores.",
        "Past this machine: each process on a core of its own with its share of the partitions, "
        "tickets at random; broker and database are taken to keep up, see deploy/capacity.md for "
        "what they need.",
        load,
    ]
