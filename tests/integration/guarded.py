"""Kafka and a database that ask who somebody is, with the users and rights that careloop makes."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from deploy.acl.passwords import variable
from deploy.acl.plan import OPERATORS, WORKERS, user_of
from deploy.mongo_users import variable as mongo_variable
from deploy.runtime.embedded_kafka import EmbeddedKafka
from deploy.runtime.kafka_access import BrokerAccess
from deploy.runtime.ports import LOOPBACK, free_ports
from tests.integration.certificates import Authority
from tests.integration.mongo_guarded import GuardedMongo

UPSTREAM = "zendesk"
USERS = (*map(user_of, (*WORKERS, OPERATORS)), UPSTREAM)
ADMINISTRATOR = "administrator"


def password_of(user: str) -> str:
    return f"{user}'s pässword: 100% / @ secret"


class Guarded:
    """Both servers, as a context; `environment` is a user's to reach Kafka."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        (self._certificate_port,) = free_ports(1)
        access = BrokerAccess(
            self.authority.sign("broker"),
            self.authority.file,
            ADMINISTRATOR,
            "administrators",
            self._certificate_port,
        )
        self.kafka = EmbeddedKafka(folder / "kafka", say=print, access=access)
        self.mongo = GuardedMongo(folder / "mongo")
        self._administrators = access.password

    def __enter__(self) -> "Guarded":
        try:
            self.mongo.start()
            self.kafka.start()
            self._populate()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kafka.stop()
        self.mongo.stop()

    def environment(self, user: str, password: str | None = None) -> dict[str, str]:
        """The variables by which a process comes to Kafka as that user."""
        own = self._administrators if user == ADMINISTRATOR else password_of(user)
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.url,
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_CA_FILE": str(self.authority.file),
            "KAFKA_USERNAME": user,
            "KAFKA_PASSWORD": own if password is None else password,
        }

    def by_certificate(self, certificate: Path) -> dict[str, str]:
        """The same for whoever has this certificate and its key, in one file."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": f"{LOOPBACK}:{self._certificate_port}",
            "KAFKA_SECURITY_PROTOCOL": "SSL",
            "KAFKA_CA_FILE": str(self.authority.file),
            "KAFKA_CERTIFICATE_FILE": str(certificate),
            "KAFKA_KEY_FILE": str(certificate),
        }

    def of_worker(self, worker: str) -> dict[str, str]:
        """The same, and the worker's database."""
        url = self.mongo.url(worker, password_of(worker))
        return self.environment(user_of(worker)) | {"MONGO_URL": url}

    def command(
        self, module: str, *arguments: str, user: str = ADMINISTRATOR, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command of careloop's as that user, to its end."""
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=os.environ | self.environment(user) | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def _populate(self) -> None:
        """Topics, rights and users, by the commands that an SRE gives."""
        kafka = {variable(user): password_of(user) for user in USERS}
        mongo = {mongo_variable(worker): password_of(worker) for worker in WORKERS}
        _done(self.command("deploy.topics", "apply"))
        _done(self.command("deploy.acl", "apply", "--upstream", UPSTREAM))
        _done(self.command("deploy.acl", "users", "--upstream", UPSTREAM, **kafka))
        at = ("--mongo-url", self.mongo.administration)
        _done(self.command("deploy.mongo_users", *at, **mongo))


@contextmanager
def variables(said: Mapping[str, str]) -> Iterator[None]:
    """This process with these variables, for what reads them here."""
    before = dict(os.environ)
    os.environ.update(said)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _done(ended: "subprocess.CompletedProcess[str]") -> None:
    assert ended.returncode == 0, f"{ended.args}: {ended.stdout}\n{ended.stderr}"
