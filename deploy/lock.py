"""Pin what is installed, by version and hash: `python -m deploy.lock [--upgrade]`.

Everything is resolved once, for `dev`, which holds all extras; every other lock is a part of that
one resolution, so a package has the same version wherever it is installed. Locks name packages,
versions and hashes and no place to download them from. What is locked already stays as it is
unless `--upgrade` is given.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "pyproject.toml"
FOLDER = ROOT / "deploy" / "locks"
WHOLE = "dev"
WORKERS = ("ingest", "classify", "personalize", "generate", "feedback")
PARTS = (*WORKERS, "insights", "trainer", "train")
"""Extras with a lock of their own: one for each worker and each job, one for making models."""

TOOLS = ("kafka-python", "rich")
"""Of the extra `local`, what publishing, topics and dead letters need: lock `tools`."""

OPTIONS = ("--universal", "--generate-hashes", "--no-emit-index-url", "--no-header")
PINNED = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<rest>.+?)( \\)?$", re.MULTILINE)


class LockError(Exception):
    """The locks cannot be made; the message says why and what to do."""


def lock(upgrade: bool = False, folder: Path = FOLDER) -> list[Path]:
    """Write all locks into `folder` and return them. Raises LockError."""
    uv = find_uv()
    folder.mkdir(parents=True, exist_ok=True)
    bootstrap = folder / "uv.txt"
    _compile(uv, ["-"], bootstrap, upgrade, requirements="uv\n")
    whole = folder / f"{WHOLE}.txt"
    _compile(uv, [str(PROJECT), "--extra", WHOLE], whole, upgrade)
    written = [bootstrap, whole]
    with tempfile.TemporaryDirectory() as place:
        pins = Path(place) / "constraints.txt"
        pins.write_text(versions_of(whole.read_text("utf-8")), "utf-8")
        for name in PARTS:
            part = folder / f"{name}.txt"
            _compile(uv, [str(PROJECT), "--extra", name, "-c", str(pins)], part, upgrade)
            written.append(part)
        tools = folder / "tools.txt"
        _compile(uv, ["-", "-c", str(pins)], tools, upgrade, requirements=tool_requirements())
    return [*written, tools]


def find_uv() -> str:
    """The uv on the path, or the one beside this Python. Raises LockError."""
    found = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if found is None:
        raise LockError(
            "locking needs uv, which is neither on PATH nor beside this Python: "
            "pip install --require-hashes -r deploy/locks/uv.txt"
        )
    return found


def versions_of(text: str) -> str:
    """The pins of a lock without their hashes, as constraints for another."""
    return "".join(f"{pin['name']}=={pin['rest']}\n" for pin in PINNED.finditer(text))


def tool_requirements() -> str:
    """What the command-line tools need, as pyproject.toml says it."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    local = project["optional-dependencies"]["local"]
    lines = [*project["dependencies"], *(line for line in local if line.startswith(TOOLS))]
    return "\n".join(lines) + "\n"


def _compile(
    uv: str, what: Sequence[str], target: Path, upgrade: bool, requirements: str | None = None
) -> None:
    command = [uv, "pip", "compile", "--quiet", "--python-version", "3.11", *OPTIONS]
    command += ["--no-annotate", *(["--upgrade"] if upgrade else []), *what, "-o", str(target)]
    done = subprocess.run(
        command, input=requirements, capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode != 0:
        raise LockError(f"{target.name} cannot be resolved:\n{done.stderr.strip()}")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.lock",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--upgrade", action="store_true", help="move to the newest versions")
    try:
        for path in lock(parser.parse_args().upgrade):
            count = len(PINNED.findall(path.read_text("utf-8")))
            print(f"{path.relative_to(ROOT)}: {count} packages")
    except LockError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
