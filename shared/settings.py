"""What the environment may set for every worker; each worker adds its own."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from shared.sampling import Sampler
from shared.secret_files import SecretFiles

PASSWORD_IN_URL = re.compile(r"(?<=://)([^\s/@:]*):[^\s/]*@")
"""User and password of a URL; a password with an @ that was not escaped is taken whole."""


File = Annotated[Path | None, BeforeValidator(lambda said: said or None)]
"""A file; a variable that is empty names none."""


def masked(text: str) -> str:
    """The text with the passwords of its URLs masked, for people and logs."""
    return PASSWORD_IN_URL.sub(r"\1:**********@", text)


class UnusableSettings(SystemExit):
    """Ends the program, unless caught, with a line for each setting that has to be mended."""

    def __init__(self, problems: Iterable[str]) -> None:
        super().__init__("\n  ".join(["these settings cannot be used:", *problems]))


def _problem(details: ErrorDetails) -> str:
    where = ".".join(map(str, details["loc"])).upper()
    why = details["msg"].removeprefix("Value error, ")
    return f"{where}: {why}" if where else why


class FromEnvironment(BaseSettings):
    """Settings from the environment, or from files in SECRETS_DIR. Never shown with a secret:
    neither as text nor in the errors of their validation. Raises UnusableSettings."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False)
            raise UnusableSettings(map(_problem, problems)) from None
        except SettingsError as error:
            raise UnusableSettings([f"{error}: it is no JSON"]) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """First what is given in code. Files before variables: they yield to those set."""
        return init_settings, SecretFiles(settings_cls), env_settings

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            yield name, masked(value) if isinstance(value, str) else value


class KafkaSettings(FromEnvironment):
    """Where Kafka is, and as whom it is used; `shared.kafka` makes a client's options of it."""

    kafka_bootstrap_servers: str = Field("127.0.0.1:9092", description="host:port, comma separated")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="SSL: under TLS; SASL: with user and password"
    )
    kafka_sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="how the password is proven, where SASL is used"
    )
    kafka_username: str = Field("", description="user, where SASL is used")
    kafka_password: SecretStr = Field(SecretStr(""), description="its password")
    kafka_ca_file: File = Field(
        None, description="PEM of whom to trust under TLS; default: whom this machine trusts"
    )
    kafka_certificate_file: File = Field(
        None, description="PEM of our own certificate, where the broker asks for one"
    )
    kafka_key_file: File = Field(None, description="PEM of its key, not encrypted")


class WorkerSettings(KafkaSettings):
    """Connections, delivery and HTTP. Names are upper-case in the environment."""

    mongo_url: str = Field("mongodb://127.0.0.1:27017", description="MongoDB connection string")
    http_host: str = Field("127.0.0.1", description="where health and metrics are served")
    http_port: int = Field(8080, ge=0, le=65535, description="0 picks a free port")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO")
    log_format: Literal["json", "text", "auto"] = Field(
        "auto", description="auto: text on a terminal, else json"
    )
    clock_file: Path | None = Field(
        None, description="for simulations: the time is what stands there, not the machine's"
    )

    otel_exporter_otlp_endpoint: str = Field(
        "", description="OTLP over HTTP, such as http://collector:4318; without it no spans"
    )
    otel_exporter_otlp_headers: SecretStr = Field(
        SecretStr(""), description="sent along, such as authorization=Bearer%20..., comma separated"
    )
    otel_traces_sampler: Sampler = Field(
        "parentbased_always_on", description="whose spans; parentbased heeds what upstream says"
    )
    otel_traces_sampler_arg: float = Field(1.0, ge=0, le=1, description="ratio of traceidratio")

    batch_max_records: int = Field(256, ge=1, description="messages handled in one batch at most")
    poll_ms: int = Field(10, ge=1, description="longest wait for messages before looking again")
    fetch_max_bytes: int = Field(
        8 * 1024 * 1024, description="bytes fetched at once: bounds memory under any backlog"
    )
    poll_interval_ms: int = Field(
        300_000, description="a batch that takes longer is given to another process"
    )
    session_timeout_ms: int = Field(10_000, description="a silent process leaves its group after")
    heartbeat_interval_ms: int = Field(1_000, description="also how fast a rebalance goes")

    retry_attempts: int = Field(3, ge=1, description="tries in place before pausing or giving up")
    retry_base_seconds: float = Field(0.1, gt=0, description="first back-off; doubles, with jitter")
    pause_max_seconds: float = Field(30.0, gt=0, description="longest pause of a partition")
    dead_letters_per_minute: int = Field(
        100, ge=1, description="more dead letters from bugs than this stop the worker"
    )
    look_seconds: float = Field(
        5.0, gt=0, description="how often backlog, Kafka and the database are looked at"
    )
    stuck_seconds: float = Field(
        300.0, gt=0, description="messages wait and nothing is done for so long: not alive"
    )
    drain_seconds: float = Field(20.0, gt=0, description="time to finish a batch when stopping")
