"""A process of this machine: its own id, its end, and that it ends with whoever started it."""

import os
import time
from pathlib import Path

import pytest

from deploy.system import processes
from deploy.system.processes import LocalProcess, WorkerFailed

STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def stubborn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalProcess:
    """Started, and deaf to SIGTERM; its process id stands in its log."""
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(processes, "DRAIN_SECONDS", 0.3)
    process = LocalProcess("stubborn", ["stubborn"], tmp_path / "log", port=0, ready="")
    process.start()
    deadline = time.monotonic() + 20
    while not process.log.read_text().endswith("\n"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def test_its_id_is_the_commands(stubborn: LocalProcess) -> None:
    assert stubborn.exit_code() is None
    assert stubborn.pid == int(stubborn.log.read_text())
    stubborn.kill()
    assert stubborn.exit_code() == 137
    assert stubborn.stop() == 137, "it had ended before"
    with pytest.raises(ProcessLookupError):
        os.kill(stubborn.pid, 0)


def test_what_does_not_drain_is_killed_and_said(stubborn: LocalProcess) -> None:
    with pytest.raises(WorkerFailed, match=r"stubborn did not drain within 0\.3 s"):
        stubborn.stop()
    assert stubborn.exit_code() == 137
    with pytest.raises(ProcessLookupError):
        os.kill(stubborn.pid, 0)
