"""Kafka, the database, topics, models, secrets, the demo back office and five workers, up and down
in order."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from deploy import topics
from deploy.runtime import Runtime, Say, start
from deploy.runtime.ports import is_free
from deploy.system import artifacts, secrets
from deploy.system.processes import BackOfficeProcess, WorkerFailed, WorkerProcess

WORKERS = ("ingest", "classify", "personalize", "generate", "feedback")
"""In the order in which a ticket meets them; also the order of draining."""


class System:
    """Everything on this machine. A context manager: up on entry, drained and down on exit.

    `data` holds what Kafka and the database keep, and the logs; `home` what outlives it: models
    and secrets. `environment` is what the workers are told besides, `each` what one of them is, by
    its name. `ports` are taken where they are free, by `kafka`, `mongo` or the worker's name; for
    all others any free port serves.
    """

    def __init__(
        self,
        data: Path,
        home: Path,
        say: Say,
        environment: Mapping[str, str] | None = None,
        ports: Mapping[str, int] | None = None,
        *,
        each: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.data = data
        self._home = home
        self._say = say
        self._given = dict(environment or {})
        self._each = dict(each or {})
        self._ports = {name: port for name, port in (ports or {}).items() if is_free(port)}
        self._runtime: Runtime | None = None
        self.environment: dict[str, str] = {}
        self.workers: dict[str, WorkerProcess] = {}
        self.back_office = BackOfficeProcess(
            data / "backoffice.sqlite",
            data / "logs" / "backoffice.log",
            self._ports.get("backoffice"),
        )

    @property
    def runtime(self) -> Runtime:
        if self._runtime is None:
            raise RuntimeError("the system is not up")
        return self._runtime

    def __enter__(self) -> "System":
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def add(self, name: str, label: str = "") -> WorkerProcess:
        """Start one more process of a worker; it is stopped with the others."""
        log = self.data / "logs" / f"{name}{label}.log"
        told = {**self.environment, **self._each.get(name, {})}
        process = WorkerProcess(name, told, log, self._ports.get(f"{name}{label}"))
        process.start()
        self.workers[f"{name}{label}"] = process
        return process

    def _start(self) -> None:
        store = self._home / "models"
        with ThreadPoolExecutor() as pool:
            made = pool.submit(artifacts.ensure, str(store), self._home / "cache", self._say)
            self._runtime = start(
                self.data / "runtime",
                say=self._say,
                kafka_port=self._ports.get("kafka"),
                mongo_port=self._ports.get("mongo"),
            )
            made.result()
        endpoints = self.runtime.endpoints
        topics.apply(endpoints.kafka)
        self.back_office.start()
        self.environment = {
            "KAFKA_BOOTSTRAP_SERVERS": endpoints.kafka,
            "MONGO_URL": endpoints.mongo,
            "MODEL_STORE": str(store),
            "MODEL_CACHE": str(self._home / "cache"),
            "BACK_OFFICE_URL": self.back_office.url,
            "LOG_FORMAT": "json",
            **secrets.load_or_make(self._home / "secrets.json"),
            **self._given,
        }
        self.back_office.wait_until_ready()
        self._say(f"the demo back office is ready at {self.back_office.url}")
        self._say("starting the five workers")
        for name in WORKERS:
            self.add(name)
        for process in self.workers.values():
            process.wait_until_ready()
            self._say(f"{process.name} is ready at {process.url}")

    def _stop(self) -> None:
        for process in self.workers.values():
            try:
                process.stop()
            except WorkerFailed as failure:
                self._say(str(failure))
        if self.back_office.is_started:
            self.back_office.stop()
        if self._runtime is not None:
            self._runtime.stop()
