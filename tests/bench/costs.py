"""What one ticket costs each worker, the broker and the database: `deploy/capacity.md` is computed
from it.

Bursts of 1 to 256 tickets, with a pause after each, tell how long batches take: a burst goes from
worker to worker as a whole, so each has the machine almost to itself. Many tickets at once tell
CPU time, memory and commands under load; the topics and databases after it, bytes.
"""

import asyncio
import itertools
import statistics
from collections import defaultdict
from datetime import UTC, datetime

import numpy as np

from deploy.runtime import Say
from deploy.system import WORKERS, System
from deploy.system.backlog import Backlog
from shared.topics import FEEDBACK
from tests.bench import left, machine, measured, mongo_sizes
from tests.bench.figures import Figure, Result
from tests.bench.measured import Costs, TopicCosts, WorkerCosts
from tests.bench.processes import Spent, everything_of, resident_megabytes
from tests.bench.queueing.service import fitted
from tests.bench.readings import Reading
from tests.bench.stream import Stream

SIZES = (1, 2, 4, 16, 64, 256)
REPEATS, QUICK_REPEATS = 8, 2
MANY, QUICK_MANY = 2_000, 200
PATIENCE = 120.0
SETTLED_WITHIN = 60.0
NOTES = (
    f"Batches: fitted to {REPEATS} rounds of bursts of {SIZES[0]} to {SIZES[-1]} tickets, with a "
    "pause after each: a burst goes from worker to worker as a whole, so each has the machine "
    "almost to itself.",
    f"Under load: {MANY:,} tickets at once. Bytes: of all records and documents after it.",
)


def measure(system: System, say: Say, *, quick: bool = False) -> Result:
    """Measures and, unless quick, keeps the costs in their file."""
    load = machine.load()
    costs = asyncio.run(_measured(system, say, quick))
    if not quick:
        measured.write(costs)
        say(f"written to {measured.FILE}")
    return Result("Costs of a ticket", _figures(costs), [*NOTES, load])


async def _measured(system: System, say: Say, quick: bool) -> Costs:
    async with Backlog(system.runtime.endpoints.kafka) as backlog:
        return await _Measurement(system, backlog, say).run(quick)


class _Measurement:
    def __init__(self, system: System, backlog: Backlog, say: Say) -> None:
        self._system = system
        self._backlog = backlog
        self._say = say
        self._kafka = system.runtime.endpoints.kafka
        self._pids = everything_of(system)
        self._sent = 0

    async def run(self, quick: bool) -> Costs:
        # What was there before does not count: another part may have used this system.
        kept, written = self._kept(), await left.on_topics(self._kafka)
        await self._stream(SIZES[-1])
        observed, rest = await self._bursts(QUICK_REPEATS if quick else REPEATS)
        self._say(f"costs: {QUICK_MANY if quick else MANY} tickets at once")
        cpu, commands, together = await self._under_load(QUICK_MANY if quick else MANY)
        topics = left.over(await left.on_topics(self._kafka), written, self._sent)
        documents = left.over(self._kept(), kept, self._sent)
        resident = {name: resident_megabytes(self._pids[name]) for name in WORKERS}
        workers = {}
        for name in WORKERS:
            rows = [reading.batches(name) for _, reading in observed[name]]
            service = fitted(*zip(*[row for row in rows if row[0]], strict=True))
            alone = [reading.commands for size, reading in observed[name] if size == 1]
            workers[name] = WorkerCosts(
                service.per_wave,
                service.per_message,
                cpu[name],
                resident[name],
                statistics.mean(alone),
                commands[name],
            )
        return Costs(
            datetime.now(UTC).date().isoformat(),
            machine.description(),
            workers,
            {name: spent for name, spent in cpu.items() if name not in workers},
            {name: TopicCosts(*counts) for name, counts in topics.items()},
            documents,
            statistics.median(rest),
            together,
        )

    async def _bursts(
        self, repeats: int
    ) -> tuple[dict[str, list[tuple[int, Reading]]], list[float]]:
        """By worker, the size of each burst and what went on meanwhile; and the seconds of single
        tickets."""
        observed: dict[str, list[tuple[int, Reading]]] = defaultdict(list)
        rest = []
        for repeat, size in itertools.product(range(repeats), SIZES):
            if size == SIZES[0]:
                self._say(f"costs: bursts, round {repeat + 1} of {repeats}")
            before = self._readings()
            seconds = await self._stream(size)
            if size == 1:
                rest.append(seconds)
            for name, reading in self._readings().items():
                observed[name].append((size, reading.since(before[name])))
        return observed, rest

    async def _under_load(self, many: int) -> tuple[dict[str, float], dict[str, float], float]:
        """CPU seconds by process and commands by worker, of a ticket, and tickets a second."""
        before, spent = self._readings(), Spent.now(self._pids)
        seconds = await self._stream(many)
        used = Spent.now(self._pids).since(spent)
        after = self._readings()
        commands = {name: after[name].since(before[name]).commands for name in after}
        return (
            {name: one / many for name, one in used.items()},
            {name: one / many for name, one in commands.items()},
            many / seconds,
        )

    async def _stream(self, size: int) -> float:
        """Seconds until the last response; returns once feedback has settled all, too."""
        passage = await Stream(self._kafka).run([0.0] * size, PATIENCE)
        if passage.lost:
            raise RuntimeError(f"{passage.lost} tickets are without a response")
        self._sent += size
        await self._settled()
        return float(np.max(passage.answered))

    async def _settled(self) -> None:
        for group in ("feedback", "personalize", "generate"):
            if not await self._backlog.gone(group, FEEDBACK.name, SETTLED_WITHIN):
                raise RuntimeError(f"{group} does not settle {FEEDBACK.name}")

    def _kept(self) -> dict[str, tuple[int, int]]:
        return mongo_sizes.kept(self._system.runtime.endpoints.mongo)

    def _readings(self) -> dict[str, Reading]:
        return {name: Reading.of(self._system.workers[name].url) for name in WORKERS}


def _figures(costs: Costs) -> list[Figure]:
    total = sum(one.cpu for one in costs.workers.values()) + sum(costs.servers.values())
    figures = [
        Figure(
            f"{name}, CPU time of a ticket under load",
            f"{1000 * one.cpu:.2f} ms",
            f"all: {1000 * total:.2f} ms",
            f"{one.cpu / total:.2f}",
        )
        for name, one in costs.workers.items()
    ]
    figures += [
        Figure(
            f"{name}, the same",
            f"{1000 * spent:.2f} ms",
            f"all: {1000 * total:.2f} ms",
            f"{spent / total:.2f}",
        )
        for name, spent in costs.servers.items()
    ]
    figures += [
        Figure(
            f"{name}, a batch of n",
            f"{1000 * one.per_wave:.1f} ms + {1000 * one.per_message:.2f} ms n",
            f"database: {one.commands_alone:.1f} commands at rest, {one.commands:.2f} under load",
        )
        for name, one in costs.workers.items()
    ]
    written = sum(topic.bytes for topic in costs.topics.values())
    stored = sum(size for _, size in costs.kept.values())
    messages = sum(topic.messages for topic in costs.topics.values())
    return [
        *figures,
        Figure("on the topics", f"{messages:.2f} messages, {written:,.0f} bytes a ticket"),
        Figure("in the databases", f"{stored:,.0f} bytes a ticket"),
        Figure("one ticket at rest, p50", f"{1000 * costs.at_rest:.0f} ms"),
    ]
