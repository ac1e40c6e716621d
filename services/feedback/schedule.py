"""A job that is done every so often, each time by a command in a process of its own.

When it is due follows from when it was done last, as the database says: however often the schedule
is started again, the job is not done more often. A job that fails is said and tried again.
"""

import argparse
import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from shared import log
from shared.clock import Clock, utc_now
from shared.errors import TemporaryError

logger = log.get(__name__)

RETRY = timedelta(minutes=15)
"""While the database or Kafka is away it is tried again after so long, if it is not due sooner."""
AWAY = 1
"""The exit code of a command for which they were away."""
GRACE_SECONDS = 10.0
"""From SIGTERM to SIGKILL, less than the time Compose gives a container to stop."""
BEAT_SECONDS = 15.0
"""How often the schedule shows that it lives, and looks at the clock."""
MOST_HOURS = 24.0 * 366


@dataclass(frozen=True)
class Job:
    """`command` does it once and ends with 0 if that went well; `every` 0 is never.

    `last` is when it was done last, None before the first time; `done` keeps that it was done,
    where the command does not itself. Both may raise TemporaryError.
    """

    name: str
    command: Sequence[str]
    every: timedelta
    last: Callable[[], Awaitable[datetime | None]]
    done: Callable[[datetime], Awaitable[None]] | None = None


async def repeat(job: Job, now: Clock = utc_now, beat: Path | None = None) -> NoReturn:
    """Do the job whenever it is due. The file `beat` is touched all the while. Cancelled during the
    job, it ends the job's processes first."""
    beating = asyncio.create_task(_beat(beat))
    try:
        if not job.every:
            logger.info("job is switched off", job=job.name)
            await asyncio.Event().wait()
        while True:
            await _until(await turn(job, now), now)
    finally:
        beating.cancel()


async def turn(job: Job, now: Clock = utc_now) -> datetime:
    """Do the job if it is due; when to look again."""
    began = now()
    soon, next_time = began + min(job.every, RETRY), began + job.every
    try:
        last = await job.last()
        if last is not None and last + job.every > began:
            due = last + job.every
            logger.info("job is not due yet", job=job.name, due=due.isoformat())
            return due
        logger.info("job begins", job=job.name)
        code = await run(job.command)
        if code == 0:
            if job.done is not None:
                await job.done(began)
            logger.info("job done", job=job.name)
            return next_time
        again = soon if code == AWAY else next_time
        logger.error("job failed", job=job.name, exit_code=code, again=again.isoformat())
        return again
    except TemporaryError as error:
        logger.error("job has to wait", job=job.name, why=str(error), again=soon.isoformat())
        return soon


async def run(command: Sequence[str]) -> int:
    """The command's exit code; negative for a signal. Cancelled, it ends the command and all that
    the command started: a signal to this process alone would leave those running."""
    process = await asyncio.create_subprocess_exec(*command, start_new_session=True)
    try:
        return await process.wait()
    finally:
        try:
            if process.returncode is None:
                _signal_all(process.pid, signal.SIGTERM)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), GRACE_SECONDS)
        finally:
            # Also when a second signal cuts the waiting short.
            _signal_all(process.pid, signal.SIGKILL)


async def until_stopped(work: Awaitable[Any]) -> None:
    """Until the work is done, or SIGTERM or SIGINT cancels it. A container's first process gets no
    signal that it has not asked for."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def option(hours: float) -> argparse.ArgumentParser:
    """`--every [HOURS]`, a parent of the parser of a command that can be scheduled; `hours` when no
    number is given."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument(
        "--every",
        type=_hours,
        nargs="?",
        const=_hours(str(hours)),
        metavar="HOURS",
        help=f"go on until stopped, and do it so often; 0: never; without a number {hours:g}",
    )
    return parser


def once(arguments: Sequence[str]) -> list[str]:
    """The arguments without `--every`: what the schedule tells the command each time."""
    return option(MOST_HOURS).parse_known_args(arguments)[1]


def _hours(text: str) -> timedelta:
    hours = float(text)
    if not 0 <= hours <= MOST_HOURS:
        raise argparse.ArgumentTypeError(f"at least 0 and at most {MOST_HOURS:g}")
    return timedelta(hours=hours)


def _signal_all(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


async def _until(moment: datetime, now: Clock) -> None:
    """In short steps: a machine that slept meanwhile notices that it is late."""
    while True:
        wait = (moment - now()).total_seconds()
        if wait <= 0:
            return
        await asyncio.sleep(min(wait, BEAT_SECONDS))


async def _beat(file: Path | None) -> None:
    while file is not None:
        await asyncio.to_thread(file.touch)
        await asyncio.sleep(BEAT_SECONDS)
