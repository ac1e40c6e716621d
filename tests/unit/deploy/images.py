"""What an image has, without a Docker engine: its packages and its code in folders of a test."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.lock import LockError, find_uv
from tests.unit.deploy.kit import ROOT, Stages

STAGES = Stages()


def environment(folder: Path) -> tuple[Path, list[str]]:
    """An empty environment: its Python, and `pip install` for it. uv's where it is, since it keeps
    what it once fetched."""
    python = folder / "bin" / "python"
    try:
        uv = find_uv()
    except LockError:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        return python, [str(python), "-m", "pip", "install"]
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    return python, [uv, "pip", "install", "--python", str(python)]


def image(lock: str, tmp_path: Path, stage: str = "") -> tuple[Path, Path]:
    """The Python and the folder of the code, installed and copied as the Dockerfile says.

    `stage`: whose code; that of the lock's own name if not given.
    """
    (install,) = [rest for _, rest in STAGES.instructions[f"{lock}-packages"] if "pip" in rest]
    words = shlex.split(re.sub(r"--mount=\S+", "", install))
    assert words[:2] == ["pip", "install"]
    words[words.index("/tmp/lock.txt")] = str(ROOT / "deploy" / "locks" / f"{lock}.txt")
    python, install_into = environment(tmp_path / "venv")
    subprocess.run([*install_into, *words[2:], "--quiet"], check=True)
    app = tmp_path / "app"
    for path in STAGES.copied(stage or lock):
        if path.startswith("deploy/locks/"):
            continue  # not code; it is installed
        target = app / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / path).is_dir():
            # As .dockerignore has it.
            shutil.copytree(ROOT / path, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / path, target)
    return python, app


def in_image(
    python: Path, app: Path, *arguments: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, and nothing that is not of the image."""
    alone = {"PATH": os.environ["PATH"], "PYTHONPATH": ""}
    return subprocess.run(
        [str(python), *arguments],
        cwd=app,
        env=alone | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def environment_of(stage: str) -> dict[str, str]:
    """What the image sets; PATH is left out, for it leads to the image's Python."""
    lines = [rest for word, rest in STAGES.all_of(stage) if word == "ENV"]
    told = {name: value for line in lines for name, value in re.findall(r"(\w+)=(\S+)", line)}
    return {name: value for name, value in told.items() if name != "PATH"}
