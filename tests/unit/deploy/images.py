"""What an image has, without a Docker engine: its packages and its code in folders of a test."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from deploy.lock import LockError, find_uv
from tests.unit.deploy.kit import ROOT, Stages

STAGES = Stages()


def installer(python: Path) -> list[str]:
    """`pip install` for that Python: uv's where it is, since it keeps what it once fetched."""
    try:
        return [find_uv(), "pip", "install", "--python", str(python)]
    except LockError:
        return [str(python), "-m", "pip", "install"]


def image(worker: str, tmp_path: Path) -> tuple[Path, Path]:
    """The Python and the folder of the code, installed and copied as the Dockerfile says."""
    (install,) = [rest for _, rest in STAGES.instructions[f"{worker}-packages"] if "pip" in rest]
    words = shlex.split(re.sub(r"--mount=\S+", "", install))
    assert words[:2] == ["pip", "install"]
    words[words.index("/tmp/lock.txt")] = str(ROOT / "deploy" / "locks" / f"{worker}.txt")
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=True)
    subprocess.run([*installer(python), *words[2:], "--quiet"], check=True)
    app = tmp_path / "app"
    for path in STAGES.copied(worker):
        target = app / path
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-r", str(ROOT / path), str(target)], check=True)
    return python, app


def in_image(
    python: Path, app: Path, *arguments: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, and nothing that is not of the image."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": "", **settings}
    return subprocess.run(
        [str(python), *arguments],
        cwd=app,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
