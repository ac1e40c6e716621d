"""A broker that asks who somebody is: TLS, passwords by SCRAM-SHA-512 or certificates, and an
authoriser.

For tests of access on one machine. The controller's listener, on the loopback interface and for the
broker itself alone, asks nobody; whoever comes by the clients' listener has a user.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.runtime.ports import LOOPBACK

MECHANISM = "SCRAM-SHA-512"
LISTENER = "SASL_SSL"
BY_CERTIFICATE = "SSL"
NAMED_BY = r"RULE:^CN=([^,]+).*$/$1/"
"""Who comes with a certificate is the user that its common name says."""


@dataclass(frozen=True, slots=True)
class BrokerAccess:
    """`key_store` has the broker's key (PKCS #8) and certificate in PEM, `authority` the
    certificate that signed it. `user`, of letters and digits like its `password`, may do anything:
    it makes the other users and their rights. `certificate_port` is where a certificate that
    `authority` signed stands for name and password."""

    key_store: Path
    authority: Path
    user: str
    password: str
    certificate_port: int

    def client(self) -> dict[str, Any]:
        """A client's options to come as that user."""
        return {
            "security_protocol": LISTENER,
            "ssl_context": ssl.create_default_context(cafile=self.authority),
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }

    def first_user(self) -> str:
        """What the data folder is formatted with, so that somebody can come in at all."""
        return f"{MECHANISM}=[name={self.user},password={self.password}]"


def secured(open_to_all: Mapping[str, str], access: BrokerAccess) -> dict[str, str]:
    """The settings of a node that asks, from those of one that does not."""
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    by_certificate = f"{BY_CERTIFICATE}://{LOOPBACK}:{access.certificate_port}"
    listeners = {
        name: f"{open_to_all[name].replace('PLAINTEXT://', f'{LISTENER}://')},{by_certificate}"
        for name in ("listeners", "advertised.listeners")
    }
    names = {LISTENER: LISTENER, BY_CERTIFICATE: BY_CERTIFICATE, "CONTROLLER": "PLAINTEXT"}
    return {
        **open_to_all,
        **listeners,
        "listener.security.protocol.map": ",".join(map(":".join, names.items())),
        "inter.broker.listener.name": LISTENER,
        "sasl.enabled.mechanisms": MECHANISM,
        "sasl.mechanism.inter.broker.protocol": MECHANISM,
        f"listener.name.{LISTENER.lower()}.{MECHANISM.lower()}.sasl.jaas.config": (
            f'{login} username="{access.user}" password="{access.password}";'
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(access.key_store),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(access.authority),
        f"listener.name.{BY_CERTIFICATE.lower()}.ssl.client.auth": "required",
        "ssl.principal.mapping.rules": NAMED_BY,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        # The broker registers with its controller as ANONYMOUS.
        "super.users": f"User:{access.user};User:ANONYMOUS",
        "allow.everyone.if.no.acl.found": "false",
    }
