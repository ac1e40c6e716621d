"""Kafka embedded: fetched, prepared and run on this machine."""

from pathlib import Path

from deploy.runtime.broker import Broker
from deploy.runtime.installation import install
from deploy.runtime.kafka_access import BrokerAccess
from deploy.runtime.ports import LOOPBACK, free_ports
from deploy.runtime.service import Say
from deploy.runtime.shared_classes import sharing_flags


class EmbeddedKafka:
    """A real Apache Kafka broker; its data, settings and log stand in `folder`."""

    kind = "embedded"

    def __init__(
        self,
        folder: Path,
        *,
        say: Say,
        port: int | None = None,
        access: BrokerAccess | None = None,
    ) -> None:
        """`port`: where to listen; a free one by default, the same at every restart. `access`: how
        it asks who somebody is; without one anybody may do anything."""
        self._folder = folder
        self._say = say
        self._port = port or free_ports(1)[0]
        self._access = access
        self._broker: Broker | None = None

    @property
    def url(self) -> str:
        return f"{LOOPBACK}:{self._port}"

    def start(self) -> None:
        """Raises RuntimeUnavailable when Java, Maven or the broker fails."""
        if self._broker is None:
            installation = install(self._say)
            self._broker = Broker(
                installation,
                self._folder,
                port=self._port,
                flags=sharing_flags(installation, self._say),
                say=self._say,
                access=self._access,
            )
        self._broker.start()

    def stop(self) -> None:
        if self._broker is not None:
            self._broker.stop()

    def kill(self) -> None:
        if self._broker is not None:
            self._broker.kill()

    def restart(self) -> None:
        self.stop()
        self.start()
