"""What the environment may set for classify."""

from pathlib import Path

from pydantic import Field

from shared.settings import WorkerSettings


class ClassifySettings(WorkerSettings):
    """Classify's own settings, on top of every worker's."""

    http_port: int = Field(8082, ge=0, le=65535, description="0 picks a free port")
    model_store: str = Field(
        ".careloop/models", description="fsspec URL of the classifier and its encoder"
    )
    model_cache: Path = Field(
        Path(".careloop/cache"), description="folder for what was fetched from the model store"
    )
    classifier_version: str = Field("", description="which classifier to serve; empty: the newest")
    encoder_threads: int = Field(1, ge=1, description="threads of one encoder pass")
