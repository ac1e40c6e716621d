"""From a log to a recommender: settings by validation, then everything fitted anew on all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from services.personalize.domain.histories import Flags, Floats
from services.personalize.domain.ranking import levelled
from services.personalize.domain.recommending import Catalogue, Part, Recommender
from services.personalize.recommender import blending
from services.personalize.recommender.content import Content
from services.personalize.recommender.factorisation import Factorisation
from services.personalize.recommender.judging import Panel, choosing_panel, scored
from services.personalize.recommender.linear import LinearAutoencoder
from services.personalize.recommender.log import Log
from services.personalize.recommender.models import Model, Settings
from services.personalize.recommender.nearby import NearNeighbours
from services.personalize.recommender.neighbourhood import ItemNeighbours
from services.personalize.recommender.popularity import HALF_LIVES, popularity
from services.personalize.recommender.splits import leave_last_out
from services.personalize.recommender.tuning import Trial, best_of, tuned
from shared.rows import DataError

VALIDATION = 5
"""Items of each validation user that choices are made by."""
LEAST_USERS = 20
"""Users that choices can be made by; with fewer chance decides."""
LEAST_ITEMS = 20

POPULARITY = "popularity"

Progress = Callable[[str], object]


@dataclass(frozen=True)
class Choice:
    """What validation chose for one part, with its weight in the blend."""

    model: Model
    settings: Settings
    recency: float
    ndcg: float
    weight: float


@dataclass(frozen=True)
class Chosen:
    """Everything that validation decided. `baseline` is the best item-kNN that weighs all of a
    history alike; `half_life` that of popularity, in days; ndcg: the blend's."""

    parts: tuple[Choice, ...]
    baseline: Choice
    half_life: float | None
    popular_ndcg: float
    popular_weight: float
    ndcg: float
    users: int


def models_of(log: Log, vectors: Floats | None, seed: int) -> list[Model]:
    """The models that take part; content only with text vectors [items, width]."""
    items = len(log.items)
    found: list[Model] = [
        ItemNeighbours(items),
        LinearAutoencoder(items),
        NearNeighbours(items),
        Factorisation(items, seed),
    ]
    return found if vectors is None else [*found, Content(vectors)]


def steps_of(models: Sequence[Model]) -> int:
    """How often `choose` tells of its progress."""
    return sum(len(model.grid) for model in models) + blending.STEPS


def choose(
    log: Log,
    models: Sequence[Model],
    repeatable: Flags,
    seed: int,
    progress: Progress = lambda _: None,
) -> Chosen:
    """Settings, recencies and weights by NDCG@10 on each user's last items of this log.

    `progress` is told the name of what was just tried. Raises DataError if there is too little.
    """
    split = leave_last_out(log, VALIDATION)
    if len(split.users) < LEAST_USERS or len(log.items) < LEAST_ITEMS:
        raise DataError(
            f"too little to learn from: {len(split.users)} users liked enough items to choose by, "
            f"at least {LEAST_USERS} are needed; {len(log.items)} items, at least {LEAST_ITEMS}"
        )
    panel = choosing_panel(split, repeatable, seed)
    with threadpool_limits(1):
        tried = {
            model.name: tuned(model, split.known.pairs.histories, panel, progress=progress)
            for model in models
        }
        trials = [best_of(found) for found in tried.values()]
        half_life, popular = _popular(split.known, panel)
        levels = {
            trial.model.name: levelled(scored(trial.part, panel.histories)) for trial in trials
        }
        levels[POPULARITY] = _for_all(popular, panel)
        weights, ndcg = blending.weights_of(levels, panel, lambda: progress("blend"))
    plain = next(trial for trial in tried[ItemNeighbours.name] if not trial.part.recency)
    return Chosen(
        tuple(_choice(trial, weights[trial.model.name]) for trial in trials),
        _choice(plain, 0.0),
        half_life,
        panel.ndcg(levels[POPULARITY]),
        weights[POPULARITY],
        ndcg,
        len(panel.histories),
    )


def fit(log: Log, choices: Iterable[Choice], progress: Progress = lambda _: None) -> list[Part]:
    """The chosen parts from the whole log, whatever their weight."""
    parts = []
    with threadpool_limits(1):
        for choice in choices:
            scorer = choice.model.fit(log.pairs.histories, choice.settings)
            model = choice.model
            parts.append(Part(model.name, model.code, scorer, choice.recency, choice.weight))
            progress(model.label)
    return parts


def recommender_of(
    log: Log, chosen: Chosen, parts: Iterable[Part], catalogue: Catalogue
) -> Recommender:
    """What is served: the parts that have a weight, and popularity."""
    popular = popularity(log.pairs, len(log.items), chosen.half_life)
    weighty = tuple(part for part in parts if part.weight)
    return Recommender(catalogue, popular, chosen.popular_weight, weighty)


def _popular(log: Log, panel: Panel) -> tuple[float | None, Floats]:
    """The half-life that foresees the validation users' items best, and popularity by it."""
    found = [
        (half_life, popularity(log.pairs, len(log.items), half_life)) for half_life in HALF_LIVES
    ]
    return max(found, key=lambda one: panel.ndcg(_for_all(one[1], panel)))


def _for_all(popular: Floats, panel: Panel) -> Floats:
    """The same scores for every user of the panel."""
    return np.broadcast_to(popular, (len(panel.histories), len(popular)))


def _choice(trial: Trial, weight: float) -> Choice:
    return Choice(trial.model, trial.settings, trial.part.recency, trial.ndcg, weight)
