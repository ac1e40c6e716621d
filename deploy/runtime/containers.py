"""Kafka and MongoDB in containers, when a Docker engine answers."""

import time
from collections.abc import Callable

from docker.errors import DockerException  # type: ignore[import-untyped]
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from deploy.runtime.broker import lists_a_broker
from deploy.runtime.errors import RuntimeUnavailable
from deploy.runtime.installation import VERSION
from deploy.runtime.kafka_settings import CLUSTER_ID, one_node
from deploy.runtime.mongo import pings
from deploy.runtime.ports import free_ports
from deploy.runtime.service import Say

KAFKA_IMAGE = f"apache/kafka:{VERSION}"
MONGO_IMAGE = "mongo:8.0"
MONGO_PORT = 27017
READY_WITHIN_SECONDS = 120.0
LOOK_EVERY_SECONDS = 0.2
LINES_SHOWN = 15


def docker_answers() -> bool:
    """Whether a Docker engine can be used from here."""
    try:
        return bool(DockerClient().client.ping())
    except (DockerException, OSError):
        return False


class Container:
    """A server in a container of its own; its data lives until `stop`, and through `restart`.

    The container listens on a host port chosen beforehand: a port that Docker chooses would
    change at a restart.
    """

    kind = "docker"

    def __init__(
        self, container: DockerContainer, url: str, ready: Callable[[str], bool], *, say: Say
    ) -> None:
        self.url = url
        self._container = container
        self._ready = ready
        self._say = say
        self._made = False

    def start(self) -> None:
        """Raises RuntimeUnavailable when Docker cannot run it or it does not come up."""
        self._say(f"starting {self._container.image} with Docker for {self.url}")
        try:
            if self._made:
                self._container.get_wrapped_container().start()
            else:
                self._made = True
                self._container.start()
            self._wait_ready()
        except BaseException as error:
            self.stop()
            if isinstance(error, (DockerException, OSError)):
                raise RuntimeUnavailable(
                    f"Docker cannot run {self._container.image}: {error}. Mend that, or stop "
                    "Docker to run without it, or set KAFKA_BOOTSTRAP_SERVERS and MONGO_URL."
                ) from error
            raise

    def stop(self) -> None:
        if self._made:
            self._made = False
            self._container.stop()

    def kill(self) -> None:
        if self._made:
            self._container.get_wrapped_container().kill()

    def restart(self) -> None:
        if self._made:
            self._container.get_wrapped_container().stop()
        self.start()

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        running = self._container.get_wrapped_container()
        while not self._ready(self.url):
            running.reload()
            if running.status == "exited" or time.monotonic() > deadline:
                end = running.logs(tail=LINES_SHOWN).decode(errors="replace")
                raise RuntimeUnavailable(
                    f"{self._container.image} did not come up. The end of its log:\n{end}"
                )
            time.sleep(LOOK_EVERY_SECONDS)


def kafka_container(*, say: Say, port: int | None = None) -> Container:
    """Apache Kafka's own image, with the settings of the embedded broker.

    testcontainers' KafkaContainer runs the start scripts of another maker's image.
    """
    port, controller_port = port or free_ports(1)[0], 9094
    host = DockerClient().host()
    # The same port inside and outside: the broker finds itself at the address it advertises.
    settings = one_node(
        listen="0.0.0.0",
        advertise=host,
        port=port,
        controller_port=controller_port,
        data="/tmp/kafka-data",
    )
    variables = {f"KAFKA_{name.upper().replace('.', '_')}": text for name, text in settings.items()}
    container = DockerContainer(KAFKA_IMAGE, env={"CLUSTER_ID": CLUSTER_ID, **variables})
    container.with_bind_ports(port, port)
    return Container(container, f"{host}:{port}", lists_a_broker, say=say)


def mongo_container(*, say: Say, port: int | None = None) -> Container:
    """MongoDB's own image: one node without passwords, as the embedded database."""
    port = port or free_ports(1)[0]
    container = DockerContainer(MONGO_IMAGE).with_bind_ports(MONGO_PORT, port)
    url = f"mongodb://{DockerClient().host()}:{port}/?directConnection=true"
    return Container(container, url, pings, say=say)
