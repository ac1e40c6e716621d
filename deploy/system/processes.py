"""A worker or the demo back office in a process of its own: started, watched until ready, stopped,
killed."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.runtime.ports import free_ports

LAST_WORDS = 2_000


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
        self._process: subprocess.Popen[bytes] | None = None

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
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C is ours to pass on, in the order of the data's way.
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def exit_code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll() if self._process else None

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

    def stop(self, seconds: float = 30.0) -> int:
        """SIGTERM, wait for the drain, and the exit code; SIGKILL past the time."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise WorkerFailed(f"{self.name} did not drain within {seconds} s") from None

    def kill(self) -> None:
        """SIGKILL: for fault tests."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

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
