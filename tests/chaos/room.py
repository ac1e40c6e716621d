"""A small disk that can be full: a tmpfs in namespaces of its own, which need no rights."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

FILLER = "filler"
READY_SECONDS = 10.0


class CannotMount(Exception):
    """This machine lets nobody make namespaces; the message says what it said."""


@contextlib.contextmanager
def small_disk(where: Path, kibibytes: int) -> Iterator[Path]:
    """A disk of that size; its path is good for every process of this user. Raises CannotMount."""
    if shutil.which("unshare") is None:
        raise CannotMount("there is no unshare here")
    where.mkdir(parents=True)
    mount = f'mount -t tmpfs -o size={kibibytes}k tmpfs "$0" && echo ready && exec sleep infinity'
    holder = subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, str(where)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None and holder.stderr is not None
        if holder.stdout.readline().strip() != "ready":
            raise CannotMount(holder.stderr.read().strip())
        yield Path(f"/proc/{holder.pid}/root") / where.relative_to("/")
    finally:
        holder.kill()
        holder.wait()


def fill(disk: Path) -> None:
    """Write until the kernel says that there is no room."""
    deadline = time.monotonic() + READY_SECONDS
    descriptor = os.open(disk / FILLER, os.O_WRONLY | os.O_CREAT)
    try:
        while time.monotonic() < deadline:
            os.write(descriptor, b"\1" * 4_096)
    except OSError:
        return
    finally:
        os.close(descriptor)
    raise AssertionError(f"{disk} does not get full")


def make_room(disk: Path) -> None:
    """Take away what filled it."""
    (disk / FILLER).unlink()
