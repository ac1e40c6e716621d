"""The schedule of a job, with real processes: when it is due, and how it ends."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.feedback.schedule import RETRY, Job, once, option, repeat, run, turn
from shared.errors import TemporaryError

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

# Starts a process of its own, tells both numbers, and waits: as retraining does.
PARENT = """
import os, subprocess, sys, time
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
with open(sys.argv[1], "w") as file:
    file.write(f"{os.getpid()} {inner.pid}")
inner.wait()
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + PARENT
SCHEDULE = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from services.feedback.schedule import Job, repeat, until_stopped

async def last():
    return None

command = [sys.executable, "-c", sys.argv[1], sys.argv[2]]
job = Job("test", command, timedelta(days=1), last)
asyncio.run(until_stopped(repeat(job, beat=Path(sys.argv[3]))))
print("ended in order")
"""


class Book:
    """When it was done, as a database keeps it."""

    def __init__(self, last: datetime | None = None) -> None:
        self.kept = last

    async def last(self) -> datetime | None:
        return self.kept

    async def done(self, began: datetime) -> None:
        self.kept = began


def job(
    tmp_path: Path,
    book: Book,
    code: int = 0,
    last: Callable[[], Awaitable[datetime | None]] | None = None,
) -> Job:
    """Writes a line into `times` each time it is done, and ends with this exit code."""
    program = f"import sys; open(sys.argv[1], 'a').write('once\\n'); sys.exit({code})"
    command = [sys.executable, "-c", program, str(tmp_path / "times")]
    return Job("test", command, DAY, last or book.last, book.done)


def times(tmp_path: Path) -> int:
    file = tmp_path / "times"
    return len(file.read_text().splitlines()) if file.exists() else 0


async def test_it_is_done_at_once_the_first_time_and_then_a_day_later(tmp_path: Path) -> None:
    book = Book()
    assert await turn(job(tmp_path, book), lambda: NOW) == NOW + DAY
    assert times(tmp_path) == 1 and book.kept == NOW


@pytest.mark.parametrize(("ago", "done"), [(HOUR, 0), (DAY - HOUR, 0), (DAY, 1), (3 * DAY, 1)])
async def test_a_schedule_that_is_started_again_does_it_when_it_is_due(
    tmp_path: Path, ago: timedelta, done: int
) -> None:
    """Nothing is remembered but what the database keeps."""
    again = await turn(job(tmp_path, Book(NOW - ago)), lambda: NOW)
    assert times(tmp_path) == done
    assert again == (NOW + DAY if done else NOW - ago + DAY)


@pytest.mark.parametrize(("code", "again"), [(1, RETRY), (2, DAY), (-9, DAY)])
async def test_one_that_failed_does_not_count_and_comes_again(
    tmp_path: Path, code: int, again: timedelta
) -> None:
    book = Book()
    failing = job(tmp_path, book, code)
    if code < 0:
        kill = f"import os; os.kill(os.getpid(), {-code})"
        failing = Job("test", [sys.executable, "-c", kill], DAY, book.last, book.done)
    assert await turn(failing, lambda: NOW) == NOW + again
    assert book.kept is None


async def test_while_the_database_is_away_it_waits_and_looks_again_soon(tmp_path: Path) -> None:
    async def away() -> datetime | None:
        raise TemporaryError("no database answers")

    assert await turn(job(tmp_path, Book(), last=away), lambda: NOW) == NOW + RETRY
    assert times(tmp_path) == 0


async def test_what_is_due_oftener_than_a_retry_is_not_put_off(tmp_path: Path) -> None:
    often = Job("test", [sys.executable, "-c", "import sys; sys.exit(1)"], RETRY / 3, Book().last)
    assert await turn(often, lambda: NOW) == NOW + RETRY / 3


async def test_it_is_done_again_and_again(tmp_path: Path) -> None:
    """Every 0.2 s, by the machine's clock."""
    book = Book()
    often = job(tmp_path, book)
    going = asyncio.ensure_future(
        repeat(Job("test", often.command, timedelta(seconds=0.2), book.last, book.done))
    )
    for _ in range(200):
        if times(tmp_path) >= 3:
            break
        await asyncio.sleep(0.05)
    going.cancel()
    assert times(tmp_path) >= 3


async def test_one_that_is_switched_off_is_never_done(tmp_path: Path) -> None:
    book = Book()
    off = Job("test", job(tmp_path, book).command, timedelta(0), book.last, book.done)
    beat = tmp_path / "beat"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(repeat(off, beat=beat), 0.5)
    assert times(tmp_path) == 0
    assert beat.exists(), "it lives all the same"


async def test_what_a_job_leaves_behind_is_ended(tmp_path: Path) -> None:
    told = tmp_path / "told"
    leaving = PARENT.replace("inner.wait()", "sys.exit(3)")
    assert await run([sys.executable, "-c", leaving, str(told)]) == 3
    _, inner = map(int, told.read_text().split())
    assert gone(inner)


@pytest.mark.parametrize(
    ("number", "program", "most"),
    [
        (signal.SIGTERM, PARENT, 5.0),
        (signal.SIGINT, PARENT, 5.0),
        pytest.param(signal.SIGTERM, STUBBORN, 20.0, marks=pytest.mark.slow),
    ],
)
def test_a_signal_during_the_job_ends_all_of_it(
    tmp_path: Path, number: signal.Signals, program: str, most: float
) -> None:
    """The schedule in a process of its own, the job below it, and what the job has started."""
    told, beat = tmp_path / "told", tmp_path / "beat"
    process = subprocess.Popen(
        [sys.executable, "-c", SCHEDULE, program, str(told), str(beat)],
        stdout=subprocess.PIPE,
        text=True,
    )
    while not (beat.exists() and told.exists() and told.read_text().count(" ")):
        assert process.poll() is None
        time.sleep(0.05)
    outer, inner = map(int, told.read_text().split())
    began = time.monotonic()
    process.send_signal(number)
    said, _ = process.communicate(timeout=most)
    assert process.returncode == 0 and said.endswith("ended in order\n")
    assert time.monotonic() - began < most
    assert gone(outer) and gone(inner)


def gone(pid: int) -> bool:
    """Dead; one that nobody has waited for yet is."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat")
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("arguments", "every", "rest"),
    [
        (["--every", "12", "--folder", "x"], timedelta(hours=12), ["--folder", "x"]),
        (["--every", "--folder", "x"], DAY, ["--folder", "x"]),
        (["--rows", "5", "--every=0.5"], timedelta(minutes=30), ["--rows", "5"]),
        (["--data", "a", "b", "--every", "0"], timedelta(0), ["--data", "a", "b"]),
        (["--now"], None, ["--now"]),
    ],
)
def test_the_command_is_told_everything_but_how_often(
    arguments: list[str], every: timedelta | None, rest: list[str]
) -> None:
    assert option(24).parse_known_args(arguments)[0].every == every
    assert once(arguments) == rest


@pytest.mark.parametrize("hours", ["-1", "nan", "inf", "99999", "often"])
def test_a_time_that_is_none_is_refused(hours: str) -> None:
    with pytest.raises(SystemExit):
        option(24).parse_args([f"--every={hours}"])
