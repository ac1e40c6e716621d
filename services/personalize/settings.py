"""What the environment may set for personalize."""

from pathlib import Path

from pydantic import Field

from services.personalize.domain.consent import Allowed
from services.personalize.enrichment import Rules
from shared.settings import WorkerSettings


class Settings(WorkerSettings):
    """Personalize's own settings, on top of every worker's."""

    http_port: int = Field(8083, ge=0, le=65535, description="0 picks a free port")
    model_store: str = Field(
        ".careloop/models", description="fsspec URL of the recommender and the behaviour models"
    )
    model_cache: Path = Field(
        Path(".careloop/cache"), description="folder for what was fetched from the model store"
    )
    serve_recommender: bool = Field(True, description="whether a recommender is served")
    serve_behaviour: bool = Field(True, description="whether behaviour models are served")
    personalization_by_default: bool = Field(
        True, description="whether histories are predicted from while a customer said nothing"
    )
    recommendations_by_default: bool = Field(
        False, description="whether things are offered while a customer said nothing"
    )
    recommendations: int = Field(
        3, ge=0, le=20, description="recommendations told with a ticket at most"
    )
    plans: Path = Field(
        Path(__file__).with_name("plans.toml"),
        description="TOML of the plans sold, each with the next bigger one",
    )
    plan_offer_probability: float = Field(
        0.5, ge=0, le=1, description="of exceeding a plan, from which on the next is recommended"
    )
    population_customers: int = Field(
        20_000, ge=0, description="newest profiles that segments and priors are counted over"
    )
    population_interval_seconds: float = Field(
        300.0, gt=0, description="how often these are counted anew"
    )

    @property
    def rules(self) -> Rules:
        unsaid = Allowed(self.personalization_by_default, self.recommendations_by_default)
        return Rules(unsaid, self.recommendations, self.plan_offer_probability)
