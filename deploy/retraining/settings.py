"""What the environment may set for retraining."""

from pathlib import Path

from pydantic import Field

from services.feedback.schedule import MOST_HOURS
from services.feedback.settings import Settings


class RetrainingSettings(Settings):
    """Retraining's own settings, on top of feedback's, whose database it reads."""

    model_store: str = Field(
        ".careloop/models", description="fsspec URL of the classifier and its encoder"
    )
    model_cache: Path = Field(
        Path(".careloop/cache"), description="folder for what was fetched from the model store"
    )
    retraining_every_hours: float = Field(
        24.0,
        ge=0,
        le=MOST_HOURS,
        description="how often --every looks whether there is reason to train; 0: never",
    )
    retraining_rows: int = Field(200, ge=1, description="new rows that are reason enough")
    retraining_threads: int | None = Field(
        None, ge=1, description="threads that read what is learned from; all cores if not set"
    )
    retraining_folder: Path = Field(
        Path(".careloop/retraining"), description="where rows and verdict are written"
    )
    heartbeat_file: Path | None = Field(
        None, description="touched while --every goes on, for a health check"
    )
