"""A worker or the demo back office in a process of its own: started, watched until ready, stopped,
killed."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.runtime.child import KILLED, Child
from deploy.runtime.ports import free_ports

LAST_WORDS = 2_000
DRAIN_SECONDS = 30.0
"""From SIGTERM to SIGKILL."""


class WorkerFailed(Exception):
    """A worker that did not start or stop as it should; the message ends with its log."""


class LocalProcess:
    """A Python module that serves HTTP, with its log in a file; `ready` is the path that says 200
    once it works."""

    def __init__(self, name: str, command: Sequence[str], log: Path, port: int, ready: str) -> None:
        self.name = name
        self.log = log
        self.port = port
        self._command = [sys.executable, "-m", *command]
        self._ready = ready
        self._environment: dict[str, str] = dict(os.environ)
        self._process: Child | None = None

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_started(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the process; `wait_until_ready` says when it works."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._process = Child(
            self.name,
            self._command,
            log=self.log,
            grace_seconds=DRAIN_SECONDS,
            environment=self._environment,
        )

    def exit_code(self) -> int | None:
        """The exit code, 128 + n after signal n; None while it runs."""
        return self._process.exit_code() if self._process else None

    def wait_until_ready(self, seconds: float = 120.0) -> None:
        """Raises WorkerFailed when the process ends or is not ready in time."""
        deadline = time.monotonic() + seconds
        problems: object = "no answer yet"
        while time.monotonic() < deadline:
            code = self.exit_code()
            if code is not None:
                raise WorkerFailed(f"{self.name} ended with code {code}\n{self._last_words()}")
            try:
                with urllib.request.urlopen(f"{self.url}{self._ready}", timeout=2):
                    return
            except urllib.error.HTTPError as error:
                problems = json.load(error).get("problems")
            except OSError as error:
                problems = error
            time.sleep(0.1)
        raise WorkerFailed(f"{self.name} is not ready: {problems}\n{self._last_words()}")

    def stop(self) -> int:
        """SIGTERM, wait for the drain, and the exit code; SIGKILL past the time."""
        assert self._process is not None
        ended = self.exit_code()
        if ended is not None:
            return ended
        code = self._process.stop()
        if code == KILLED:
            raise WorkerFailed(f"{self.name} did not drain within {DRAIN_SECONDS:g} s")
        return code

    def kill(self) -> None:
        """SIGKILL: for fault tests."""
        assert self._process is not None
        self._process.kill()

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-LAST_WORDS:]


class WorkerProcess(LocalProcess):
    """One process of one worker."""

    def __init__(
        self, name: str, environment: Mapping[str, str], log: Path, port: int | None = None
    ) -> None:
        port = port or free_ports(1)[0]
        super().__init__(name, [f"services.{name}"], log, port, "/readyz")
        self._environment |= {**environment, "HTTP_PORT": str(port)}

    def metric(self, sample: str) -> float:
        """The value of one sample of `/metrics`, by its full name; 0 when it is not there."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            for line in answer.read().decode().splitlines():
                name, _, value = line.rpartition(" ")
                if name == sample:
                    return float(value)
        return 0.0


class BackOfficeProcess(LocalProcess):
    """The demo back office; what it does is kept in `books`."""

    def __init__(self, books: Path, log: Path, port: int | None = None) -> None:
        port = port or free_ports(1)[0]
        command = ["deploy.backoffice", "--port", str(port), "--data", str(books)]
        super().__init__("backoffice", command, log, port, "/healthz")
