"""What the environment may set for every worker; each worker adds its own."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WorkerSettings(BaseSettings):
    """Connections, delivery and HTTP. Names are upper-case in the environment."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    kafka_bootstrap_servers: str = Field("127.0.0.1:9092", description="host:port, comma separated")
    mongo_url: str = Field("mongodb://127.0.0.1:27017", description="MongoDB connection string")
    http_host: str = Field("127.0.0.1", description="where health and metrics are served")
    http_port: int = Field(8080, ge=0, le=65535, description="0 picks a free port")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_format: str = Field("auto", description="json, text, or auto: text on a terminal")
    clock_file: Path | None = Field(
        None, description="for simulations: the time is what stands there, not the machine's"
    )

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
    drain_seconds: float = Field(20.0, gt=0, description="time to finish a batch when stopping")
