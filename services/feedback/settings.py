"""What the environment may set for feedback."""

from pydantic import Field

from services.feedback.domain.policy import Promise
from shared.settings import WorkerSettings


class Settings(WorkerSettings):
    """Feedback's own settings, on top of every worker's."""

    http_port: int = Field(8085, ge=0, le=65535, description="0 picks a free port")
    answer_threshold: float = Field(
        0.55,
        ge=0,
        le=1,
        description="confidence an automatic reply needs where no outcomes say otherwise; as "
        "generate's",
    )
    policy_alpha: float = Field(
        0.1, gt=0, lt=1, description="the promise: at most this share of automatic replies wrong"
    )
    policy_delta: float = Field(
        0.1, gt=0, lt=1, description="the promise is kept with confidence 1 minus this"
    )
    policy_interval_seconds: float = Field(
        60.0, gt=0, description="how often thresholds and quality figures are brought up to date"
    )
    policy_evidence_per_intent: int = Field(
        500, ge=1, description="newest judged replies of each intent that thresholds are tuned by"
    )
    quality_days: float = Field(30.0, gt=0, description="quality figures cover so many last days")

    @property
    def promise(self) -> Promise:
        return Promise(self.policy_alpha, self.policy_delta, self.answer_threshold)
