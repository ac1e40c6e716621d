"""An Apache Kafka broker as a process of this machine."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from deploy.runtime.child import Child
from deploy.runtime.errors import RuntimeUnavailable
from deploy.runtime.installation import Installation
from deploy.runtime.kafka_access import BrokerAccess, secured
from deploy.runtime.kafka_settings import CLUSTER_ID, one_node
from deploy.runtime.ports import LOOPBACK, answers, free_ports, is_free
from deploy.runtime.service import Say

READY_WITHIN_SECONDS = 120.0
GRACE_SECONDS = 30.0
ANSWER_WITHIN_MS = 3_000


class Broker:
    """One Kafka node on the loopback interface, its data and its log in `folder`.

    Serves at `url` after `start`; can be stopped, killed and started again on its data.
    """

    def __init__(
        self,
        installation: Installation,
        folder: Path,
        *,
        port: int,
        flags: Sequence[str],
        say: Say,
        access: BrokerAccess | None = None,
    ) -> None:
        """`access`: how it asks who somebody is; without one anybody may do anything."""
        self.url = f"{LOOPBACK}:{port}"
        self._installation = installation
        self._folder = folder.resolve()
        self._port = port
        self._flags = flags
        self._say = say
        self._access = access
        self._child: Child | None = None

    def start(self) -> None:
        """Raises RuntimeUnavailable when it does not come up."""
        if self._child is not None and self._child.running:
            return
        began = time.monotonic()
        self._say(f"starting Kafka on {self.url}")
        settings = self._configure()
        self._format(settings)
        if not is_free(self._port):
            raise RuntimeUnavailable(f"Kafka cannot start: port {self._port} is in use.")
        self._child = Child(
            "Kafka",
            self._installation.command("kafka.Kafka", str(settings), flags=self._flags),
            log=self._folder / "broker.log",
            grace_seconds=GRACE_SECONDS,
        )
        try:
            options = self._access.client() if self._access else {}
            self._child.wait_ready(
                lambda: lists_a_broker(self.url, **options), READY_WITHIN_SECONDS
            )
        except BaseException:
            self.kill()
            raise
        self._say(f"Kafka is ready on {self.url} ({time.monotonic() - began:.1f} s)")

    def stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.stop()

    def kill(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    def _configure(self) -> Path:
        """Write server.properties; the data does not remember ports, so they may change."""
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = one_node(
            listen=LOOPBACK,
            advertise=LOOPBACK,
            port=self._port,
            controller_port=free_ports(1)[0],
            data=str(self._folder / "data"),
        )
        if self._access is not None:
            settings = secured(settings, self._access)
        file = self._folder / "server.properties"
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return file

    def _format(self, settings: Path) -> None:
        """Give the data folder its identity, once."""
        if (self._folder / "data" / "meta.properties").exists():
            return
        # The id after an equals sign: one that begins with a dash would be read as an option.
        arguments = ("format", f"--cluster-id={CLUSTER_ID}", "--ignore-formatted", "-c")
        users = () if self._access is None else ("--add-scram", self._access.first_user())
        ended = subprocess.run(
            self._installation.command(
                "kafka.tools.StorageTool", *arguments, str(settings), *users, flags=self._flags
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if ended.returncode != 0:
            raise RuntimeUnavailable(f"Kafka cannot format its data folder:\n{ended.stdout}")


def lists_a_broker(url: str, **options: Any) -> bool:
    """Whether Kafka's metadata names a broker: from then on topics can be created. `options` say
    how a client comes there."""
    host, _, port = url.rpartition(":")
    if not answers(host, int(port)):
        return False
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=url,
            request_timeout_ms=ANSWER_WITHIN_MS,
            bootstrap_timeout_ms=ANSWER_WITHIN_MS,
            **options,
        )
    except KafkaError:
        return False
    try:
        return bool(admin.describe_cluster()["brokers"])
    except KafkaError:
        return False
    finally:
        admin.close()
