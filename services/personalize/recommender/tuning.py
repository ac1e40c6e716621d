"""Choosing each model's settings by validation."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.personalize.domain.histories import Histories
from services.personalize.domain.recommending import Part
from services.personalize.recommender.judging import Panel, scored
from services.personalize.recommender.models import Model, Settings

RECENCIES = (0.0, 0.5, 0.75, 1.0, 1.5)
"""Exponents tried of how fast older entries of a history fade; 0: not at all."""


@dataclass(frozen=True)
class Trial:
    """A part by a model with these settings, and its NDCG@10 on the validation users."""

    model: Model
    settings: Settings
    part: Part
    ndcg: float


def tuned(
    model: Model,
    past: Histories,
    panel: Panel,
    recencies: Iterable[float] = RECENCIES,
    progress: Callable[[str], object] = lambda _: None,
) -> list[Trial]:
    """The best trial for every recency, in their order; of equal ones the first. `progress` is
    told the model's name after each of its settings."""
    found: dict[float, Trial] = {}
    for candidate in model.candidates(past):
        for recency in recencies:
            part = Part(model.name, model.code, candidate.scorer, recency, weight=0.0)
            ndcg = panel.ndcg(scored(part, panel.histories))
            trial = Trial(model, candidate.settings, part, ndcg)
            known = found.setdefault(recency, trial)
            if ndcg > known.ndcg:
                found[recency] = trial
        progress(model.label)
    return list(found.values())


def best_of(trials: Iterable[Trial]) -> Trial:
    """The trial with the highest NDCG@10, of equal ones the first."""
    return max(trials, key=lambda trial: trial.ndcg)
