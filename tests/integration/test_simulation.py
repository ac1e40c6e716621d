"""The simulation's command, a short one: the feedback worker is killed, and nothing is lost."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.modelstore import ModelStore

pytestmark = pytest.mark.slow


def test_the_outage_is_played_on_the_real_workers(
    tmp_path: Path, store_with_encoder: Callable[[Path], ModelStore]
) -> None:
    store_with_encoder(tmp_path / "models")
    command = [sys.executable, "-m", "deploy.simulation", "--only", "outage"]
    command += ["--messages", "40", "--learned", "0.05", "--home", str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "documents different" in done.stdout
    assert "not reached" not in done.stdout
    chart = (tmp_path / "simulation" / "chart.svg").read_text("utf-8")
    assert chart.count("<polyline") == 3
