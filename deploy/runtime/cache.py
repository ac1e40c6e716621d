"""The folder for what is fetched or made once, and its lock."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from deploy.runtime.service import Say


def cache_folder() -> Path:
    """`$CARELOOP_CACHE`, or `~/.cache/careloop`; made when missing."""
    named = os.environ.get("CARELOOP_CACHE")
    folder = Path(named).expanduser() if named else Path.home() / ".cache" / "careloop"
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


@contextlib.contextmanager
def locked(folder: Path, say: Say) -> Iterator[None]:
    """Hold the folder's lock; waits for the process that has it. The kernel frees a dead one's."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process that is filling {folder}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
