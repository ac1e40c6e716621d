"""What the environment may set for personalize."""

from pydantic import Field

from shared.settings import WorkerSettings


class Settings(WorkerSettings):
    """Personalize needs nothing beyond every worker's settings."""

    http_port: int = Field(8083, ge=0, le=65535, description="0 picks a free port")
