"""`python -m deploy.run`, as `make run` starts it: the workers, and the jobs beside them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from deploy.system import WORKERS
from tests.e2e.home import prepared

pytestmark = pytest.mark.slow


def pids(*words: str) -> list[int]:
    """Of the processes that have all of these in their command lines; not of their keepers."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "keeper.py" not in line and all(word in line for word in words):
            found.append(int(path.parent.name))
    return found


def until(true: Callable[[], bool], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where it runs, with the models that there are already."""
    home, made = tmp_path / "home", prepared()
    home.mkdir()
    for name in ("models", "cache"):
        (home / name).symlink_to(made / name)
    return home


@pytest.fixture
def console(tmp_path: Path) -> Path:
    """What it prints."""
    return tmp_path / "console"


@pytest.fixture
def process(home: Path, console: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """The command, once careloop is up."""
    with console.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.run", "--home", str(home)],
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until(lambda: "careloop is up" in console.read_text() or process.poll() is not None)
        assert process.poll() is None, console.read_text()
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(90)


def test_it_reports_and_looks_for_lessons_by_itself_and_stops_in_order(
    process: "subprocess.Popen[bytes]", home: Path, console: Path
) -> None:
    """One job is killed meanwhile: that is said, and stops nothing else."""
    logs = home / "run" / "logs"
    for job in ("insights", "retraining"):
        until(lambda job=job: '"job done"' in (logs / f"{job}.log").read_text())  # type: ignore[misc]
    for language in ("en", "zh"):
        assert (home / "reports" / f"report-{language}.html").is_file()
    assert "nothing to learn from yet" in (logs / "retraining.log").read_text()

    (insights,) = pids("services.feedback.insights", str(home))
    os.kill(insights, signal.SIGKILL)
    until(lambda: "insights ended with code 137" in console.read_text())
    (retraining,) = pids("deploy.retraining", str(home))
    assert process.poll() is None

    process.send_signal(signal.SIGINT)
    assert process.wait(90) == 0
    assert "draining" in console.read_text()
    assert not Path(f"/proc/{retraining}").exists()
    assert pids("deploy.retraining", str(home)) == []


def test_killed_it_leaves_nothing_running(process: "subprocess.Popen[bytes]") -> None:
    mine = psutil.Process(process.pid).children(recursive=True)
    commands = " ".join(" ".join(one.cmdline()) for one in mine)
    for name in (*WORKERS, "deploy.backoffice", "deploy.retraining", "feedback.insights"):
        assert name in commands

    process.kill()
    process.wait()
    _, left = psutil.wait_procs(mine, timeout=60)
    assert [one.cmdline() for one in left] == []


def test_a_time_that_is_none_is_refused() -> None:
    for option in ("--retrain-every", "--report-every"):
        done = subprocess.run(
            [sys.executable, "-m", "deploy.run", option, "-1"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2 and "at least 0" in done.stderr
