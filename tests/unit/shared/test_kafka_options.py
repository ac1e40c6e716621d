"""The options of Kafka's clients, and what is wrong with settings that do not fit together."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from faststream.kafka.security import parse_security

from shared import broker_security, kafka
from shared.errors import FatalError
from shared.settings import KafkaSettings
from tests.integration.certificates import Authority

LOGIN = {"kafka_username": "careloop-ingest", "kafka_password": "correct-horse"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in KafkaSettings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def settings(**given: Any) -> KafkaSettings:
    return KafkaSettings(kafka_bootstrap_servers="a:9092,b:9092", **given)


def why(**given: Any) -> str:
    with pytest.raises(FatalError) as refused:
        kafka.options(settings(**given))
    assert "correct-horse" not in str(refused.value)
    return str(refused.value)


def test_without_settings_clients_come_as_anybody() -> None:
    assert kafka.options(settings()) == {
        "bootstrap_servers": "a:9092,b:9092",
        "security_protocol": "PLAINTEXT",
    }


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"])
def test_user_and_password_go_along_under_sasl(mechanism: str) -> None:
    given = settings(
        kafka_security_protocol="SASL_PLAINTEXT", kafka_sasl_mechanism=mechanism, **LOGIN
    )
    assert kafka.options(given) == {
        "bootstrap_servers": "a:9092,b:9092",
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": mechanism,
        "sasl_plain_username": "careloop-ingest",
        "sasl_plain_password": "correct-horse",
    }


def test_tls_trusts_the_given_authority_alone_and_checks_names(authority: Authority) -> None:
    given = settings(kafka_security_protocol="SASL_SSL", kafka_ca_file=authority.file, **LOGIN)
    context = kafka.options(given)["ssl_context"]
    assert context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname
    (trusted,) = context.get_ca_certs()
    assert dict(part[0] for part in trusted["subject"]) == {"commonName": "careloop test authority"}


def test_our_own_certificate_is_shown_with_its_key(authority: Authority) -> None:
    own = authority.sign("ingest")
    given = {"kafka_certificate_file": own, "kafka_key_file": own}
    made = kafka.options(settings(kafka_security_protocol="SSL", **given))
    assert made.keys() == {"bootstrap_servers", "security_protocol", "ssl_context"}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"kafka_security_protocol": "SSL"},
        {"kafka_security_protocol": "SASL_PLAINTEXT", **LOGIN},
        {"kafka_security_protocol": "SASL_SSL", **LOGIN},
        {"kafka_security_protocol": "SASL_SSL", "kafka_sasl_mechanism": "PLAIN", **LOGIN},
        {"kafka_security_protocol": "SASL_SSL", "kafka_sasl_mechanism": "SCRAM-SHA-256", **LOGIN},
    ],
)
def test_faststream_is_told_the_same(given: dict[str, Any]) -> None:
    ours = kafka.options(settings(**given))
    theirs = parse_security(broker_security.of(settings(**given)))
    ours.pop("bootstrap_servers")
    assert (theirs.pop("ssl_context") is None) == (ours.pop("ssl_context", None) is None)
    assert theirs == ours


@pytest.mark.parametrize("lacking", LOGIN)
@pytest.mark.parametrize("protocol", ["SASL_SSL", "SASL_PLAINTEXT"])
def test_sasl_needs_user_and_password(protocol: str, lacking: str) -> None:
    given = {**LOGIN, lacking: ""}
    expected = f"{lacking.upper()} is not set; KAFKA_SECURITY_PROTOCOL={protocol} needs it"
    assert why(kafka_security_protocol=protocol, **given) == expected


def test_nothing_is_given_in_vain(authority: Authority) -> None:
    """Whoever sets a password and forgets the protocol would believe to be safe."""
    assert why(**LOGIN).startswith(
        "KAFKA_USERNAME and KAFKA_PASSWORD would not be used with KAFKA_SECURITY_PROTOCOL=PLAINTEXT"
    )
    assert why(kafka_security_protocol="SSL", kafka_password="correct-horse").startswith(
        "KAFKA_PASSWORD would not be used with KAFKA_SECURITY_PROTOCOL=SSL"
    )
    plain = {"kafka_security_protocol": "SASL_PLAINTEXT", **LOGIN}
    assert why(kafka_ca_file=authority.file, **plain).startswith("KAFKA_CA_FILE would not be used")


def test_a_file_that_is_not_what_it_should_be_is_named(
    authority: Authority, tmp_path: Path
) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("no certificate")
    gone = tmp_path / "gone.pem"
    tls = {"kafka_security_protocol": "SSL"}
    own, other = authority.sign("ingest"), authority.sign("classify")
    only_key = tmp_path / "key.pem"
    only_key.write_text(other.read_text().partition("-----BEGIN CERT")[0])

    assert why(kafka_ca_file=gone, **tls) == (
        f"KAFKA_CA_FILE {gone} cannot be read: No such file or directory"
    )
    assert why(kafka_ca_file=nonsense, **tls) == (
        f"KAFKA_CA_FILE {nonsense} holds no certificate in PEM"
    )
    assert why(kafka_certificate_file=own, **tls).startswith("KAFKA_KEY_FILE is not set")
    assert why(kafka_key_file=own, **tls).startswith("KAFKA_CERTIFICATE_FILE is not set")
    for key in (nonsense, only_key):
        text = why(kafka_certificate_file=own, kafka_key_file=key, **tls)
        assert str(own) in text and str(key) in text and "are not a certificate and its" in text


def test_an_empty_variable_names_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_CA_FILE", "")
    assert "ssl_context" not in kafka.options(settings())


def test_a_command_comes_to_another_address_as_the_same_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in LOGIN.items():
        monkeypatch.setenv(name.upper(), value)
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "elsewhere:9092")
    made = kafka.options_at("here:9092")
    assert made["bootstrap_servers"] == "here:9092"
    assert made["sasl_plain_username"] == "careloop-ingest"


async def test_brokers_that_are_away_are_waited_for() -> None:
    given = KafkaSettings(kafka_bootstrap_servers="127.0.0.1:9,127.0.0.1:10")
    found = await kafka.failure(given, ConnectionError())
    assert not isinstance(found, FatalError)
    assert str(found) == "no Kafka broker answers: ConnectionError"
