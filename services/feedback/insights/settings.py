"""What the environment may set for the report on what customers tell."""

from pathlib import Path

from pydantic import Field

from services.feedback.schedule import MOST_HOURS
from services.feedback.settings import Settings


class InsightsSettings(Settings):
    """The report's own settings, on top of feedback's, whose database it reads."""

    insights_every_hours: float = Field(
        24.0, ge=0, le=MOST_HOURS, description="how often --every reports; 0: never"
    )
    insights_days: float = Field(
        7.0, gt=0, le=366, description="days of the period told of, and of the one before"
    )
    heartbeat_file: Path | None = Field(
        None, description="touched while --every goes on, for a health check"
    )
