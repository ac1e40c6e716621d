"""Stands between this process and one it started: `keeper.py GRACE_SECONDS COMMAND...`

Run as a script of its own, from the standard library alone. Its standard input is a socket: it
starts the command, writes the command's process id there, and reads orders: one byte `k` kills the
command at once, any other byte or the end of the input stops it (SIGTERM, and SIGKILL when it still
runs after the grace time). Ends with the command's exit code, 128 + n for signal n.

Why a process, when Linux can signal a child at its parent's death (PR_SET_PDEATHSIG)? That signal
follows the *thread* that forked: a broker started from a short-lived pool thread would die with
that thread. It needs code between fork and exec, which is unsafe in a process with threads, and
exists on Linux alone. The end of a pipe follows the whole process however it dies, also by
SIGKILL, and leaves the server time to stop cleanly. Here, with one thread at the time of the
fork, the signal is safe, and serves for the case that the keeper itself is killed.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def main() -> int:
    grace_seconds, command = float(sys.argv[1]), sys.argv[2:]
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        preexec_fn=_dying_with_the_keeper(),  # noqa: PLW1509 - there is one thread yet
    )
    with contextlib.suppress(OSError):  # whoever asked is gone: the input has ended, too
        os.write(sys.stdin.fileno(), b"%d" % child.pid)
    threading.Thread(target=_obey, args=(child, grace_seconds), daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


def _obey(child: subprocess.Popen[bytes], grace_seconds: float) -> None:
    try:
        order = os.read(sys.stdin.fileno(), 1)
    except ConnectionResetError:  # how the input ends when nobody has read the process id
        order = b""
    if order == b"k":
        child.kill()
        return
    child.terminate()
    try:
        child.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        child.kill()


def _dying_with_the_keeper() -> Callable[[], None] | None:
    """What the child does before it becomes the command; loaded before the fork."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
