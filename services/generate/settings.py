"""What the environment may set for generate."""

from pathlib import Path

from pydantic import Field, SecretStr

from shared.settings import WorkerSettings


class Settings(WorkerSettings):
    """Generate's own settings, on top of every worker's."""

    http_port: int = Field(8084, ge=0, le=65535, description="0 picks a free port")
    sealing_keys: SecretStr = Field(
        SecretStr(""),
        description="key ring id:base64,id:base64 that opens what ingest sealed; the same as there",
    )
    model_store: str = Field(
        ".careloop/models", description="fsspec URL of the knowledge and the encoder"
    )
    model_cache: Path = Field(
        Path(".careloop/cache"), description="folder for what was fetched from the model store"
    )
    # Of the seed's held-out questions 35 % pass, and 98 % of these get the right answer.
    answer_threshold: float = Field(
        0.55, ge=0, le=1, description="confidence an answer needs until a policy says otherwise"
    )
    encoder_threads: int = Field(1, ge=1, description="threads of the encoder, if it is needed")
