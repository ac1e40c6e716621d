"""The simulation's command, a short one: the feedback worker is killed, and nothing is lost."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.home import prepared

pytestmark = pytest.mark.slow


def test_the_outage_is_played_on_the_real_workers(tmp_path: Path) -> None:
    store = tmp_path / "simulation" / "models"
    store.mkdir(parents=True)
    for made in (prepared() / "models").iterdir():
        # The classifier it trains itself.
        if made.name != "classifier":
            (store / made.name).symlink_to(made)
    command = [sys.executable, "-m", "deploy.simulation", "--only", "outage"]
    command += ["--messages", "40", "--learned", "0.05", "--home", str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "documents different" in done.stdout
    assert "not reached" not in done.stdout
    chart = (tmp_path / "simulation" / "chart.svg").read_text("utf-8")
    assert chart.count("<polyline") == 3
