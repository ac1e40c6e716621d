"""Programs that Debian packages bring: found on the PATH, or unpacked in the cache without root."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.runtime.cache import cache_folder, locked
from deploy.runtime.errors import RuntimeUnavailable
from deploy.runtime.service import Say

BINARIES = Path("usr/bin")


def unpacked(name: str) -> Path:
    """Where packages fetched under this name stand, or would."""
    return cache_folder() / name / "root"


def find(program: str, name: str) -> Path | None:
    """The program, from the PATH or from the packages unpacked under `name`."""
    found = shutil.which(program) or shutil.which(program, path=str(unpacked(name) / BINARIES))
    return Path(found) if found else None


def fetch(packages: Sequence[str], name: str, say: Say) -> None:
    """Unpack the packages of this machine's own Debian or Ubuntu, once.

    Their dependencies are left out: for programs that need no more than the C library. Raises
    RuntimeUnavailable where that cannot be done.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise RuntimeUnavailable(f"no apt-get here to fetch {' and '.join(packages)} with")
    root = unpacked(name)
    root.parent.mkdir(exist_ok=True)
    with locked(root.parent, say):
        if root.exists():
            return
        say(f"fetching {' and '.join(packages)} (once)")
        with tempfile.TemporaryDirectory(prefix="fetching-", dir=root.parent) as folder:
            _run(["apt-get", "download", *packages], Path(folder))
            made = Path(folder) / "root"
            for file in sorted(Path(folder).glob("*.deb")):
                _run(["dpkg", "--extract", file.name, str(made)], Path(folder))
            made.rename(root)


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeUnavailable(f"`{' '.join(command)}` failed:\n{done.stderr.strip()[-1000:]}")
