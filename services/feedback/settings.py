"""What the environment may set for feedback."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.feedback.domain.definitions import WINDOW
from services.feedback.domain.policy import Promise
from services.feedback.retention import AGAIN, KEPT
from shared.settings import WorkerSettings

Share = Annotated[float, Field(gt=0, lt=1)]


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
    policy_alphas: dict[str, Share] = Field(
        {},
        description='the same for some intents, as JSON: {"refund": 0.02}; the others keep '
        "POLICY_ALPHA",
    )
    policy_delta: float = Field(
        0.1,
        gt=0,
        lt=1,
        description="the promise is kept with confidence 1 minus this, for all intents and all "
        "looks together",
    )
    policy_intents: int = Field(
        25,
        ge=1,
        description="intents that share POLICY_DELTA, as many as the taxonomy has; 1 gives each "
        "intent a confidence of its own, and fewer outcomes loosen it",
    )
    policy_interval_seconds: float = Field(
        60.0,
        gt=0,
        description="how often thresholds and quality figures are brought up to date; less often "
        "when that takes more than a quarter of the time",
    )
    policy_evidence_per_intent: int = Field(
        5_000,
        ge=1,
        description="newest judged replies of each intent that thresholds are tuned by; once an "
        "intent has so many, counting begins anew",
    )
    orphan_hours: float = Field(
        72.0, gt=0, description="what is said of a response waits so long for it, then is an orphan"
    )
    messages_days: float = Field(
        90.0, gt=0, description="messages are kept so long to learn from, without personal data"
    )
    outcomes_days: float = Field(
        KEPT.days,
        description="tickets and their outcomes are kept so long after the last that was said of "
        "them: no figure and no threshold looks further back",
    )
    choices: tuple[Literal["tone", "offer", "passage"], ...] = Field(
        (),
        description="what may be left to chance to learn what customers like better, and which "
        'passage agents send when drafted, as JSON: ["tone", "offer", "passage"]; every option is '
        "safe",
    )
    watch_delta: float = Field(
        0.05,
        gt=0,
        lt=1,
        description="chance at most that a promoted model that is no worse is ever rolled back",
    )
    watch_margin: float = Field(
        0.02, ge=0, lt=1, description="a fall below the model before that is let pass"
    )
    quality_days: float = Field(30.0, gt=0, description="quality figures cover so many last days")

    @model_validator(mode="after")
    def outcomes_outlive_what_looks_back(self) -> Self:
        """Raises ValueError."""
        looks_back = timedelta(days=max(self.messages_days, self.quality_days))
        least = max(AGAIN, looks_back) + WINDOW
        if self.outcomes_kept < least:
            raise ValueError(
                f"OUTCOMES_DAYS: {self.outcomes_days:g} is too short, at least {least.days} are "
                "needed: for as long as Kafka may deliver again, MESSAGES_DAYS and QUALITY_DAYS"
            )
        return self

    @property
    def messages_kept(self) -> timedelta:
        return timedelta(days=self.messages_days)

    @property
    def outcomes_kept(self) -> timedelta:
        return timedelta(days=self.outcomes_days)

    @property
    def promise(self) -> Promise:
        return Promise(
            self.policy_alpha,
            self.policy_delta,
            self.answer_threshold,
            self.policy_alphas,
            self.policy_intents,
            self.policy_evidence_per_intent,
        )
