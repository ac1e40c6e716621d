"""Half an hour of tickets at a moderate rate: does the memory of a worker grow?"""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass

from deploy.runtime import Say
from deploy.system import System
from tests.bench import machine
from tests.bench.figures import Figure, Result
from tests.bench.passage import Passage, paced
from tests.bench.processes import resident_megabytes
from tests.bench.stream import Stream
from tests.bench.trend import Trend, trend

MINUTES, QUICK_MINUTES = 30.0, 2.0
WARM_UP = 0.2
"""Share of the time in which workers fill what they keep, such as caches of a set size."""
LOADED = 0.3
"""Share of what the system can do."""
FILLING = 2_000
"""Tickets at once before, so that every worker has had its largest batches."""
TRIED = 300
LOOKS = 200
PATIENCE = 120.0
MOST_GROWTH = 0.02
"""Of its memory, over the time looked at: less is not worth a restart in a year of releases."""


@dataclass(frozen=True, slots=True)
class Memory:
    """One worker's: MiB at the end, and the growth a second."""

    resident: float
    trend: Trend
    seconds: float

    @property
    def grown(self) -> float:
        """MiB over the time looked at, by the line through it."""
        return self.trend.slope * self.seconds

    @property
    def is_flat(self) -> bool:
        """No growth was shown, or so little that it does not matter."""
        return self.trend.may_be_flat or self.grown < MOST_GROWTH * self.resident


@dataclass(frozen=True, slots=True)
class Soak:
    """What came of it, by worker."""

    passage: Passage
    rate: float
    minutes: float
    memory: dict[str, Memory]


def measure(system: System, say: Say, minutes: float = MINUTES) -> Result:
    load = machine.load()
    soak = asyncio.run(run(system, say, minutes, FILLING))
    return Result(f"Soak of {minutes:g} minutes", _figures(soak), _notes(soak, load))


async def run(system: System, say: Say, minutes: float, filling: int = TRIED) -> Soak:
    """Tickets at three tenths of what the system can do, while its memory is looked at; `filling`
    of them at once before."""
    kafka = system.runtime.endpoints.kafka
    await Stream(kafka).run([0.0] * filling, PATIENCE)
    at_once = await Stream(kafka).run([0.0] * TRIED, PATIENCE)
    rate = LOADED * TRIED / float(at_once.answered.max())
    say(f"soak: {rate:.1f} tickets/s for {minutes:g} minutes")
    streaming = asyncio.create_task(Stream(kafka).run(paced([(rate, 60 * minutes)]), PATIENCE))
    looked = await _look(system, 60 * minutes, say)
    passage = await streaming
    return Soak(passage, rate, minutes, {name: _memory(*found) for name, found in looked.items()})


async def _look(
    system: System, seconds: float, say: Say
) -> dict[str, tuple[list[float], list[float]]]:
    """Seconds and MiB of each worker, once it is warm."""
    found: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    await asyncio.sleep(WARM_UP * seconds)
    began, looking = time.monotonic(), (1 - WARM_UP) * seconds
    for look in range(LOOKS):
        await asyncio.sleep(max(0.0, began + look * looking / LOOKS - time.monotonic()))
        for name, process in system.workers.items():
            at, values = found[name]
            at.append(time.monotonic() - began)
            values.append(resident_megabytes(process.pid))
        if look % (LOOKS // 5) == 0:
            told = ", ".join(f"{name} {values[-1]:.0f}" for name, (_, values) in found.items())
            say(f"soak, MB: {told}")
    return found


def _memory(at: list[float], values: list[float]) -> Memory:
    return Memory(values[-1], trend(at, values), at[-1] - at[0])


def _figures(soak: Soak) -> list[Figure]:
    passage = soak.passage
    sent = len(passage.sent)
    figures = [
        Figure(
            f"{name}, growth an hour",
            f"{3600 * one.trend.slope:.1f} MB "
            f"({3600 * one.trend.low:.1f} to {3600 * one.trend.high:.1f})",
            f"resident at the end: {one.resident:.0f} MB",
            f"{one.grown / one.resident:.4f} of it grown meanwhile",
            "flat",
            one.is_flat,
        )
        for name, one in soak.memory.items()
    ]
    terminal = sent - passage.lost
    figures.append(
        Figure(
            "terminal states",
            f"{terminal}",
            f"sent: {sent}",
            f"{terminal / sent:.4f}",
            "each exactly one",
            passage.lost == 0,
        )
    )
    return figures


def _notes(soak: Soak, load: str) -> list[str]:
    return [
        f"After {FILLING} tickets at once: {soak.rate:.1f} tickets/s, three tenths of what the "
        "system was just seen to do; memory "
        f"from {WARM_UP * soak.minutes:g} minutes on, {LOOKS} looks. Growth is the slope of a line "
        "through the means of ten blocks, with its interval of 95 %.",
        "Flat: the interval reaches down to 0, or the growth is below "
        f"{100 * MOST_GROWTH:g} % of the memory.",
        load,
    ]
