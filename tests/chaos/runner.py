"""Plays faults one after the other, each bounded in time, whatever became of the one before."""

import asyncio
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.runtime import RuntimeUnavailable, Say
from deploy.system import System, WorkerFailed
from tests.chaos.arena import HASTY, Arena, home_of
from tests.chaos.armed import STEPS
from tests.chaos.faults import clock, dependants, disk, hostile, kills, outages, poison, stops
from tests.chaos.room import CannotMount
from tests.chaos.table import Row

Play = Callable[[Arena], Awaitable[str]]
MOST_WORDS = 600


@dataclass(frozen=True, slots=True)
class Fault:
    """`seconds` is the longest it may take on two idle cores; `brief` that CI plays it."""

    name: str
    happens: str
    play: Play
    seconds: float = 300.0
    brief: bool = False


KILLS = tuple(
    Fault(
        f"kill-{step.replace('_', '-')}",
        f"workers die by SIGKILL: {(done.__doc__ or '').split('.')[0].lower()}",
        partial(kills.at_step, step=step),
        brief=step == "after_store",
    )
    for step, done in STEPS.items()
    if not step.startswith("while")
)
FAULTS = (
    *KILLS,
    Fault("kill-rebalancing", "each worker dies handing over its partitions", kills.rebalancing),
    Fault("kill-swapping", "classify, personalize, generate die swapping models", kills.swapping),
    Fault("sigterm", "each worker is told to stop amid its work", stops.terminate),
    Fault("scale", "1 -> 3 -> 1 processes while tickets flow", stops.scale, 480.0, True),
    Fault("broker-killed", "SIGKILL and restart", outages.broker_killed),
    Fault("broker-down", "SIGKILL, away for 60 s, in short 10 s", outages.broker_down, 420.0, True),
    Fault("database-killed", "SIGKILL and restart", outages.database_killed),
    Fault("database-down", "SIGKILL, away for 60 s, in short 10 s", outages.database_down, 420.0),
    Fault("database-slow", "every piece of its traffic takes 20 to 200 ms", outages.database_slow),
    Fault("duplicates", "every topic is read again from its beginning", outages.duplicates),
    Fault("disk-full", "the model store has no room for a training or a promotion", disk.full),
    Fault("clock", "jumps a day ahead, an hour back, two days back", clock.jumps),
    Fault("poison-ingest", "5 % from outside is no ticket", poison.at_the_door),
    Fault("poison-deploy", "a deploy that fails on 100 %", poison.bad_deploy, brief=True),
    Fault("poison-classify", "100 % of a topic of our own is rubbish", poison.trusted),
    Fault(
        "hostile",
        "1,000 hostile payloads (in short 120) with honest tickets among them",
        hostile.payloads_at_the_door,
        600.0,
        True,
    ),
    Fault("back-office", "answers lost, slow, errors, hanging, dead", dependants.back_office),
    Fault("language-model", "slow, errors, rubbish, hanging", dependants.language_model, 420.0),
)


def play(
    faults: Sequence[Fault], home: Path, say: Say, *, seed: int, quick: bool, patience: float = 1.0
) -> Iterator[Row]:
    """A row for each fault, once it is over. `patience` multiplies the seconds each may take.

    A system that a fault left unusable is replaced by another before the next one.
    """
    played = 0
    with tempfile.TemporaryDirectory(prefix="careloop-chaos-") as named:
        folder = Path(named)
        models = home_of(home, folder / "home")
        while played < len(faults):
            with System(folder / f"data-{played}", models, say, HASTY) as system:
                arena = Arena(system, say, seed=seed, quick=quick)
                for fault in faults[played:]:
                    say(f"{fault.name}: {fault.happens} (seed {seed})")
                    row = _row(fault, arena, patience)
                    say(f"{fault.name}: {row.verdict}: {row.came}")
                    played += 1
                    yield row
                    if row.verdict == "FAILED":
                        break


def _row(fault: Fault, arena: Arena, patience: float) -> Row:
    began = time.monotonic()
    try:
        came = asyncio.run(_bounded(fault, arena, fault.seconds * patience))
        verdict = "held"
    except CannotMount as reason:
        came, verdict = str(reason), "skipped"
    except TimeoutError:
        came, verdict = f"not done within {fault.seconds * patience:.0f} s", "FAILED"
    except (AssertionError, RuntimeUnavailable, WorkerFailed, OSError) as failure:
        came, verdict = _words(failure), "FAILED"
    seconds = time.monotonic() - began
    return Row(fault.name, fault.happens, came, seconds, verdict)  # type: ignore[arg-type]


def _words(failure: BaseException) -> str:
    """What it says; of an assertion without words, what was asserted."""
    last = traceback.extract_tb(failure.__traceback__)[-1]
    return (str(failure) or f"{last.line} does not hold ({last.name})")[:MOST_WORDS]


async def _bounded(fault: Fault, arena: Arena, seconds: float) -> str:
    async with asyncio.timeout(seconds):
        return await fault.play(arena)
