"""The learned models a process serves."""

from dataclasses import dataclass, field, replace

from services.personalize.behaviour.model import BehaviourModel
from services.personalize.domain.recommending import Recommender

Model = Recommender | BehaviourModel


@dataclass(frozen=True)
class Models:
    """At most one recommender, and behaviour models by the name of their artifact, each with its
    version in the model store."""

    recommender: Recommender | None = None
    behaviours: dict[str, tuple[str, BehaviourModel]] = field(default_factory=dict)

    def with_model(self, name: str, version: str, model: Model) -> "Models":
        """With this one in place of the one of that name."""
        if isinstance(model, Recommender):
            return replace(self, recommender=model)
        return replace(self, behaviours={**self.behaviours, name: (version, model)})
