"""A command run as a process of its own, which does not outlive this one."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.runtime.errors import RuntimeUnavailable

KEEPER = Path(__file__).with_name("keeper.py")
KEEPER_MARGIN_SECONDS = 10.0
LOOK_EVERY_SECONDS = 0.05
LINES_SHOWN = 15
KILLED = 128 + signal.SIGKILL
"""The exit code of a command that was killed."""


class Child:
    """A command under its keeper; what it prints is appended to `log`.

    It gets a session of its own: Ctrl-C in a terminal goes to every process of the terminal's
    foreground group, and a broker that dies first would leave the workers unable to drain.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        grace_seconds: float,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`grace_seconds`: how long a stop may take before it becomes a kill. `environment` is
        this process's own by default. Raises RuntimeUnavailable for a command that is none."""
        self._name = name
        self._log = log
        self._grace_seconds = grace_seconds
        self._log_start = log.stat().st_size if log.exists() else 0
        keeper = [sys.executable, "-I", "-S", str(KEEPER), str(grace_seconds)]
        self._orders, obeyed = socket.socketpair()
        with log.open("ab") as output, obeyed:
            self._keeper = subprocess.Popen(
                [*keeper, *command],
                stdin=obeyed.fileno(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=environment,
            )
        told = self._orders.recv(32)
        if not told:
            raise RuntimeUnavailable(f"{self._name} cannot be started. {self._last_lines()}")
        self.pid = int(told)

    @property
    def running(self) -> bool:
        return self.exit_code() is None

    def exit_code(self) -> int | None:
        """The command's, 128 + n after signal n; None while it runs."""
        return self._keeper.poll()

    def wait_ready(self, ready: Callable[[], bool], within_seconds: float) -> None:
        """Return once `ready()` is true.

        Raises RuntimeUnavailable, with the end of its log, when it dies before or is not ready
        in time; it is killed then.
        """
        deadline = time.monotonic() + within_seconds
        while not ready():
            code = self.exit_code()
            if code is not None:
                raise RuntimeUnavailable(
                    f"{self._name} stopped while starting (exit code {code}). {self._last_lines()}"
                )
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeUnavailable(
                    f"{self._name} was not ready after {within_seconds:.0f} s. {self._last_lines()}"
                )
            time.sleep(LOOK_EVERY_SECONDS)

    def stop(self) -> int:
        """Ask it to stop, wait until it is gone, and return its exit code."""
        return self._order(b"s")

    def kill(self) -> int:
        """SIGKILL; returns when the process is gone and its ports and files are free."""
        return self._order(b"k")

    def _order(self, order: bytes) -> int:
        # An order and not only the end of orders: a process forked from this one may hold them
        # open. The keeper that is gone already took its command along.
        with contextlib.suppress(OSError), self._orders as orders:
            orders.sendall(order)
        try:
            return self._keeper.wait(self._grace_seconds + KEEPER_MARGIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            return self._keeper.wait()

    def _last_lines(self) -> str:
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode(errors="replace").splitlines()[-LINES_SHOWN:]
        if not lines:
            return f"It wrote nothing to its log, {self._log}."
        return "\n".join([f"The end of its log, {self._log}:", *lines])
