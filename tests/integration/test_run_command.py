"""`python -m deploy.run`, as `make run` starts it: the workers, and the jobs beside them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.home import prepared

pytestmark = pytest.mark.slow


def pids(*words: str) -> list[int]:
    """Of the processes that have all of these in their command lines."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if all(word in line for word in words):
            found.append(int(path.parent.name))
    return found


def until(true: Callable[[], bool], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)


def test_it_reports_and_looks_for_lessons_by_itself_and_stops_in_order(tmp_path: Path) -> None:
    """One job is killed meanwhile: that is said, and stops nothing else."""
    home, made = tmp_path / "home", prepared()
    home.mkdir()
    for name in ("models", "cache"):
        (home / name).symlink_to(made / name)
    console, logs = tmp_path / "console", home / "run" / "logs"
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
        for job in ("insights", "retraining"):
            until(lambda job=job: '"job done"' in (logs / f"{job}.log").read_text())  # type: ignore[misc]
        for language in ("en", "zh"):
            assert (home / "reports" / f"report-{language}.html").is_file()
        assert "nothing to learn from yet" in (logs / "retraining.log").read_text()

        (insights,) = pids("services.feedback.insights", str(home))
        os.kill(insights, signal.SIGKILL)
        until(lambda: "insights ended with code -9" in console.read_text())
        (retraining,) = pids("deploy.retraining", str(home))
        assert process.poll() is None

        process.send_signal(signal.SIGINT)
        assert process.wait(90) == 0
        assert "draining" in console.read_text()
        assert not Path(f"/proc/{retraining}").exists()
        assert pids("deploy.retraining", str(home)) == []
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(90)


def test_a_time_that_is_none_is_refused() -> None:
    for option in ("--retrain-every", "--report-every"):
        done = subprocess.run(
            [sys.executable, "-m", "deploy.run", option, "-1"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2 and "at least 0" in done.stderr
