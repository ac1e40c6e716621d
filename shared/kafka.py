"""Kafka's clients: their options from the settings, and why a broker does not let us in.

The options are those of aiokafka and of kafka-python alike, which name them the same.
"""

import asyncio
import ssl
from pathlib import Path
from typing import Any

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from shared.errors import FatalError, TemporaryError
from shared.settings import KafkaSettings

ANSWER_WITHIN_MS = 5_000
NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"})
"""OpenSSL's reasons when what answers does not speak TLS."""
CERTIFICATE = "CERTIFICATE"
"""In OpenSSL's reasons when the other side refuses ours, such as TLSV13_ALERT_CERTIFICATE_REQUIRED.
"""


def options(settings: KafkaSettings) -> dict[str, Any]:
    """Options of a client. Raises FatalError, which names the setting to mend."""
    protocol = settings.kafka_security_protocol
    _nothing_idle(settings)
    made: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap_servers,
        "security_protocol": protocol,
    }
    if protocol.endswith("SSL"):
        made["ssl_context"] = _tls(settings)
    if protocol.startswith("SASL"):
        for name, said in (
            ("KAFKA_USERNAME", settings.kafka_username),
            ("KAFKA_PASSWORD", settings.kafka_password.get_secret_value()),
        ):
            if not said:
                raise FatalError(f"{name} is not set; KAFKA_SECURITY_PROTOCOL={protocol} needs it")
        made["sasl_mechanism"] = settings.kafka_sasl_mechanism
        made["sasl_plain_username"] = settings.kafka_username
        made["sasl_plain_password"] = settings.kafka_password.get_secret_value()
    return made


def user(settings: KafkaSettings) -> str:
    """Who we are to the broker, for people to read."""
    if settings.kafka_username:
        return f"user {settings.kafka_username}"
    return "the user of our certificate" if settings.kafka_certificate_file else "user anonymous"


def options_at(bootstrap_servers: str) -> dict[str, Any]:
    """Options of a command's client: at this address, otherwise as the environment says.

    Raises FatalError as `options` does.
    """
    return options(KafkaSettings(kafka_bootstrap_servers=bootstrap_servers))


def _nothing_idle(settings: KafkaSettings) -> None:
    """Whoever gives a password or a certificate believes that it is used."""
    protocol = settings.kafka_security_protocol
    under_sasl = {
        "KAFKA_USERNAME": settings.kafka_username,
        "KAFKA_PASSWORD": settings.kafka_password.get_secret_value(),
    }
    under_tls = {
        "KAFKA_CA_FILE": settings.kafka_ca_file,
        "KAFKA_CERTIFICATE_FILE": settings.kafka_certificate_file,
        "KAFKA_KEY_FILE": settings.kafka_key_file,
    }
    idle = [name for name, said in under_sasl.items() if said and not protocol.startswith("SASL")]
    idle += [name for name, said in under_tls.items() if said and not protocol.endswith("SSL")]
    if idle:
        raise FatalError(
            f"{' and '.join(idle)} would not be used with KAFKA_SECURITY_PROTOCOL={protocol}: set "
            "that to SASL_SSL (or SSL, or SASL_PLAINTEXT)"
        )


def _tls(settings: KafkaSettings) -> ssl.SSLContext:
    """What is trusted, and what we show. The broker's name is always checked."""
    trusted = _readable("KAFKA_CA_FILE", settings.kafka_ca_file)
    try:
        context = ssl.create_default_context(cafile=trusted)
    except ssl.SSLError as error:
        raise FatalError(f"KAFKA_CA_FILE {trusted} holds no certificate in PEM") from error
    certificate = _readable("KAFKA_CERTIFICATE_FILE", settings.kafka_certificate_file)
    key = _readable("KAFKA_KEY_FILE", settings.kafka_key_file)
    if (certificate is None) != (key is None):
        lacking = "KAFKA_KEY_FILE" if key is None else "KAFKA_CERTIFICATE_FILE"
        raise FatalError(f"{lacking} is not set: a certificate and its key go together")
    if certificate is not None and key is not None:
        try:
            # Without a password here OpenSSL would ask for one on the terminal.
            context.load_cert_chain(certificate, key, password="")
        except (ssl.SSLError, ValueError) as error:
            raise FatalError(
                f"KAFKA_CERTIFICATE_FILE {certificate} and KAFKA_KEY_FILE {key} are not a "
                "certificate and its unencrypted key in PEM"
            ) from error
    return context


def _readable(name: str, path: Path | None) -> Path | None:
    if path is None:
        return None
    try:
        path.open("rb").close()
    except OSError as error:
        raise FatalError(f"{name} {path} cannot be read: {error.strerror}") from error
    return path


async def failure(settings: KafkaSettings, error: Exception) -> FatalError | TemporaryError:
    """What to raise when a client could not connect.

    Brokers that are away and brokers that turn us away look the same to a client. This asks each
    address by itself: a refusal that no waiting mends is fatal, and says which setting to mend.
    """
    said = f"no Kafka broker answers: {type(error).__name__}"
    given = options(settings)
    for host, port, _ in collect_hosts(given.pop("bootstrap_servers")):
        try:
            connection = await create_conn(host, port, request_timeout_ms=ANSWER_WITHIN_MS, **given)
        except (OSError, KafkaError) as refused:
            if why := _for_good(refused, settings):
                return FatalError(f"Kafka at {host}:{port} {why}")
            if isinstance(refused, KafkaConnectionError):
                # A broker that is stopping does so, too.
                said += f"; {host}:{port} hangs up: is KAFKA_SECURITY_PROTOCOL right?"
        else:
            connection.close()
    return TemporaryError(said)


def refused_at(bootstrap_servers: str) -> str | None:
    """For a command whose client could not connect: why the broker there turns it away for good,
    or None when it is merely away."""
    settings = KafkaSettings(kafka_bootstrap_servers=bootstrap_servers)
    if settings.kafka_security_protocol == "PLAINTEXT":
        return None
    found = asyncio.run(failure(settings, KafkaConnectionError()))
    return str(found) if isinstance(found, FatalError) else None


def _for_good(error: Exception, settings: KafkaSettings) -> str | None:
    """What no waiting mends, or None."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    for one in causes:
        match one:
            case SaslAuthenticationFailed():
                user = settings.kafka_username
                return f"refuses user {user}: mend KAFKA_USERNAME or KAFKA_PASSWORD"
            case UnsupportedSaslMechanismError() | IllegalSaslStateError():
                mechanism = settings.kafka_sasl_mechanism
                return f"does not take {mechanism}: mend KAFKA_SASL_MECHANISM"
            case ssl.SSLCertVerificationError():
                return (
                    f"shows a certificate that is not trusted ({one.verify_message}): mend "
                    "KAFKA_CA_FILE, or the name in KAFKA_BOOTSTRAP_SERVERS"
                )
            case ssl.SSLError() if one.reason in NO_TLS:
                return "does not speak TLS: mend KAFKA_SECURITY_PROTOCOL"
            case ssl.SSLError() if CERTIFICATE in (one.reason or ""):
                return "refuses our certificate: mend KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE"
    return None
