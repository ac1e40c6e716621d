"""What the environment may set for generate."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from services.generate.retention import AGAIN, KEPT
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
    draft_threshold: float = Field(
        0.3, ge=0, le=1, description="confidence from which what may not be sent is drafted"
    )
    exploration: float = Field(
        0.0, ge=0, le=0.5, description="share of answers drafted instead, to compare policies by"
    )
    agent_language: Literal["auto", "en", "zh"] = Field(
        "auto", description="language of hand-overs; auto: the customer's"
    )
    back_office_url: str = Field(
        "", description="http(s) address of the company's systems; without one there are no actions"
    )
    back_office_token: SecretStr = Field(SecretStr(""), description="bearer token for it")
    back_office_seconds: float = Field(5.0, gt=0, description="longest wait for one call")
    actions: Path = Field(
        Path(__file__).with_name("actions") / "catalogue.toml",
        description="catalogue of actions, TOML",
    )
    encoder_threads: int = Field(1, ge=1, description="threads of the encoder, if it is needed")
    responses_days: float = Field(
        KEPT.days,
        ge=AGAIN.days,
        description="responses, and what people made of them, are kept so long; no shorter than "
        "Kafka may deliver their tickets again. A draft older than that is nobody's to review",
    )

    @property
    def responses_kept(self) -> timedelta:
        return timedelta(days=self.responses_days)
