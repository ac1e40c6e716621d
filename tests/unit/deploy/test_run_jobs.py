"""The jobs of `make run`: processes of their own, which stop nothing when they end."""

import time
from pathlib import Path

import pytest

from deploy.system.jobs import AGAIN_SECONDS, JobProcess, Jobs, insights, retraining

SERVES = ["http.server", "0", "--bind", "127.0.0.1"]
ENDS = ["no_such_module"]
ENVIRONMENT = {
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
    "MONGO_URL": "mongodb://127.0.0.1:9",
    "MODEL_STORE": "models",
    "MODEL_CACHE": "cache",
    "SEALING_KEYS": "sealed under this",
    "CUSTOMER_KEY_SECRET": "sealed under this",
}


def job(name: str, command: list[str], tmp_path: Path) -> JobProcess:
    return JobProcess(name, command, tmp_path / "logs" / f"{name}.log", {})


def ended(process: JobProcess) -> int:
    for _ in range(200):
        code = process.exit_code()
        if code is not None:
            return code
        time.sleep(0.05)
    raise AssertionError("it goes on")


def test_one_that_ends_is_said_once_and_started_again_while_the_other_goes_on(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    times = [0.0]
    bad, good = job("bad", ENDS, tmp_path), job("good", SERVES, tmp_path)
    with Jobs([bad, good], said.append, clock=lambda: times[-1]) as jobs:
        assert ended(bad) == 1
        first = bad.pid
        for moment in (10.0, 10.5, 10.0 + AGAIN_SECONDS - 0.1):
            times.append(moment)
            jobs.look()
            assert bad.pid == first
        (line,) = said
        assert "bad ended with code 1" in line and str(tmp_path / "logs" / "bad.log") in line
        times.append(10.0 + AGAIN_SECONDS)
        jobs.look()
        assert bad.pid != first
        assert ended(bad) == 1
        jobs.look()
        assert len(said) == 2
        assert good.exit_code() is None
    assert good.exit_code() is not None
    assert "no_such_module" in (tmp_path / "logs" / "bad.log").read_text()


def test_they_are_told_where_everything_is_and_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SEALING_KEYS", "CUSTOMER_KEY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    for make in (retraining, insights):
        process = make(24, ENVIRONMENT, tmp_path, tmp_path / "logs")
        assert process is not None
        process.start()
        # Empty until the new program has taken its place.
        while not (told := Path(f"/proc/{process.pid}/environ").read_bytes().decode()):
            time.sleep(0.01)
        process.kill()
        assert "MONGO_URL=mongodb://127.0.0.1:9" in told and "sealed under this" not in told


def test_they_are_stopped_in_order_while_what_they_need_is_away(tmp_path: Path) -> None:
    """As Ctrl-C does it: each has ended with 0 before the next is told."""
    made = [make(24, ENVIRONMENT, tmp_path, tmp_path) for make in (retraining, insights)]
    jobs = [process for process in made if process is not None]
    said: list[str] = []
    with Jobs(jobs, said.append):
        for process in jobs:
            for _ in range(400):
                if "has to wait" in process.log.read_text():
                    break
                time.sleep(0.05)
            assert "has to wait" in process.log.read_text()
    assert [process.exit_code() for process in jobs] == [0, 0]
    assert said == []


@pytest.mark.parametrize("make", [retraining, insights])
def test_one_that_is_switched_off_is_not_there(make: object, tmp_path: Path) -> None:
    assert callable(make) and make(0, ENVIRONMENT, tmp_path, tmp_path) is None
    assert list(tmp_path.iterdir()) == []
