"""The jobs beside the workers, each a process of its own: retraining, and the managers' pages."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from deploy.runtime import Say
from deploy.system.processes import LocalProcess, WorkerFailed

TOLD = ("KAFKA_BOOTSTRAP_SERVERS", "MONGO_URL", "MODEL_STORE", "MODEL_CACHE", "LOG_FORMAT")
"""What jobs are told of the workers' environment: no secrets, they see no personal data."""
AGAIN_SECONDS = 60.0
"""From the end of a job's process to its next start."""


class JobProcess(LocalProcess):
    """A schedule: it goes on until it is stopped, and serves nothing."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str]
    ) -> None:
        super().__init__(name, command, log, port=0, ready="")
        self._environment |= environment


def retraining(
    hours: float, environment: Mapping[str, str], home: Path, logs: Path
) -> JobProcess | None:
    """Looks every so many hours whether there is reason to train; None for 0."""
    command = ["deploy.retraining", "--every", str(hours), "--folder", str(home / "retraining")]
    # The workers keep the other cores, unless somebody says otherwise.
    threads = {"RETRAINING_THREADS": os.environ.get("RETRAINING_THREADS", "1")}
    return _job("retraining", command, hours, logs, _told(environment) | threads)


def insights(
    hours: float, environment: Mapping[str, str], home: Path, logs: Path
) -> JobProcess | None:
    """Writes the managers' pages every so many hours; None for 0."""
    command = ["services.feedback.insights", "--every", str(hours), "--announce"]
    command += ["--folder", str(home / "reports")]
    return _job("insights", command, hours, logs, _told(environment))


def _told(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: environment[name] for name in TOLD if name in environment}


def _job(
    name: str, command: Sequence[str], hours: float, logs: Path, environment: Mapping[str, str]
) -> JobProcess | None:
    return JobProcess(name, command, logs / f"{name}.log", environment) if hours > 0 else None


class Jobs:
    """Runs them until it is left. One that ends is said and started again: it never stops anything
    else, and what it was at is found in the database by the next."""

    def __init__(
        self,
        jobs: Sequence[JobProcess],
        say: Say,
        *,
        again: float = AGAIN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jobs = jobs
        self._say = say
        self._again = again
        self._clock = clock
        self._ended: dict[str, float] = {}

    def look(self) -> None:
        """Say which have ended, and start those again that did so a while ago."""
        for job in self._jobs:
            code = job.exit_code()
            if code is None:
                continue
            if job.name not in self._ended:
                self._ended[job.name] = self._clock()
                self._say(f"{job.name} ended with code {code}, is started again; see {job.log}")
            elif self._clock() - self._ended[job.name] >= self._again:
                del self._ended[job.name]
                job.start()

    def __enter__(self) -> "Jobs":
        for job in self._jobs:
            job.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for job in self._jobs:
            try:
                job.stop()
            except WorkerFailed as failure:
                self._say(str(failure))
