"""Kafka and a database, wherever they can be had: given, in Docker, or embedded."""

import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.runtime.containers import docker_answers, kafka_container, mongo_container
from deploy.runtime.embedded_kafka import EmbeddedKafka
from deploy.runtime.mongo import EmbeddedMongo
from deploy.runtime.service import Given, Say, Service

KAFKA_VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
MONGO_VARIABLE = "MONGO_URL"


@dataclass(frozen=True)
class Endpoints:
    """Where clients connect: `host:port` of Kafka, connection string of the database."""

    kafka: str
    mongo: str


class Runtime:
    """Kafka and a database that serve; leaving it as a context stops what it started."""

    def __init__(self, kafka: Service, mongo: Service) -> None:
        self.kafka = kafka
        self.mongo = mongo

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(kafka=self.kafka.url, mongo=self.mongo.url)

    @property
    def kinds(self) -> dict[str, str]:
        """Where each comes from: `given`, `docker` or `embedded`, under `kafka` and `mongo`."""
        return {"kafka": self.kafka.kind, "mongo": self.mongo.kind}

    def start(self) -> None:
        """Start both at the same time. Raises RuntimeUnavailable, and nothing runs then."""
        try:
            # Leaving the pool waits for both, so that what one failure stops is all there is.
            with ThreadPoolExecutor(max_workers=2) as pool:
                started = [pool.submit(self.kafka.start), pool.submit(self.mongo.start)]
            for service in started:
                service.result()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both, cleanly; may be called again."""
        try:
            self.kafka.stop()
        finally:
            self.mongo.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    data: Path, *, say: Say, kafka_port: int | None = None, mongo_port: int | None = None
) -> Runtime:
    """Kafka and a database, started and ready.

    For each the first that applies: the one that KAFKA_BOOTSTRAP_SERVERS or MONGO_URL names; a
    container, when a Docker engine answers; a process of this machine, which keeps its data and
    its log under `data` and finds the data again at the next start. Ports are free ones unless
    asked for. Raises RuntimeUnavailable with what helps.
    """
    docker = functools.cache(docker_answers)
    kafka = _first(
        KAFKA_VARIABLE,
        docker,
        container=lambda: kafka_container(say=say, port=kafka_port),
        embedded=lambda: EmbeddedKafka(data / "kafka", say=say, port=kafka_port),
    )
    mongo = _first(
        MONGO_VARIABLE,
        docker,
        container=lambda: mongo_container(say=say, port=mongo_port),
        embedded=lambda: EmbeddedMongo(data / "mongo", say=say, port=mongo_port),
    )
    runtime = Runtime(kafka, mongo)
    runtime.start()
    return runtime


def _first(
    variable: str,
    docker: Callable[[], bool],
    *,
    container: Callable[[], Service],
    embedded: Callable[[], Service],
) -> Service:
    given = os.environ.get(variable)
    if given:
        return Given(given, variable)
    return container() if docker() else embedded()
