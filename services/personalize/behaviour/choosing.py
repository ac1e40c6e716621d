"""Which model fits a table best: candidates compared on rows they had not seen, then calibrated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from sklearn.model_selection import StratifiedKFold

from services.personalize.behaviour.figures import Indices, log_loss
from services.personalize.behaviour.fitting import fit_boosted, fit_linear, forest_of
from services.personalize.behaviour.model import (
    ENOUGH_KNOWN,
    Blend,
    Member,
    matter_of,
    probability,
    reliabilities,
)
from services.personalize.behaviour.schema import Cells, Flags, Floats, Schema

FOLDS = 5
ENOUGH = 20_000
"""Unseen rows that tell the candidates apart; on large tables a fold or two hold them."""
Progress = Callable[[], object]


@dataclass(frozen=True)
class Straight:
    """Logistic regression, linear in numbers."""

    strength: float

    @property
    def name(self) -> str:
        return f"logistic C={self.strength:g}"


@dataclass(frozen=True)
class Curved:
    """Logistic regression with curves over numbers."""

    strength: float

    @property
    def name(self) -> str:
        return f"curves C={self.strength:g}"


@dataclass(frozen=True)
class Boosted:
    """Gradient boosting: so many trees, so deep."""

    depth: int
    trees: int

    @property
    def name(self) -> str:
        return f"boosting depth={self.depth} trees={self.trees}"


Recipe = Straight | Curved | Boosted
TREES = (60, 120, 250)
DEPTHS = (1, 2, 3)
LINEAR: tuple[Recipe, ...] = (
    Straight(0.1), Straight(1.0), Curved(0.1), Curved(1.0), Curved(10.0),
)  # fmt: skip
BOOSTED: tuple[Recipe, ...] = tuple(Boosted(depth, n) for depth in DEPTHS for n in TREES)
FITS = len(LINEAR) + len(DEPTHS)
"""Fits that all recipes together take: fewer trees are part of more."""


@dataclass(frozen=True)
class Chosen:
    """The blend, the recipes in it, and the log-loss of all candidates on unseen rows."""

    blend: Blend
    recipes: tuple[Recipe, ...]
    losses: dict[str, float]

    @property
    def name(self) -> str:
        return " + ".join(recipe.name for recipe in self.recipes)


def fits_of(rows: int) -> int:
    """How often `choose` calls `progress`."""
    return _choosing(rows) * FITS + 1


def choose(
    schema: Schema, values: Floats, truth: Flags, seed: int, progress: Progress = lambda: None
) -> Chosen:
    """The candidate with the least calibrated log-loss on unseen rows, fitted on all of them.

    Candidates are all recipes, and the mean of the best logistic regression's and the best
    boosting's log-odds. The calibration is fitted on the unseen rows.
    """
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(values, truth))
    folds = folds[: _choosing(len(truth))]
    unseen: dict[Recipe, list[Floats]] = {recipe: [] for recipe in (*LINEAR, *BOOSTED)}
    for seen, rows in folds:
        fitted = _fitted(schema, values[seen], truth[seen], seed, progress)
        for recipe, member in fitted.items():
            unseen[recipe].append(member.log_odds(values[rows]))
    judged = truth[np.concatenate([rows for _, rows in folds])]
    odds = {recipe: np.concatenate(parts) for recipe, parts in unseen.items()}
    candidates: dict[tuple[Recipe, ...], Floats] = {(r,): found for r, found in odds.items()}
    losses = {one: _calibrated(found, judged)[2] for one, found in candidates.items()}
    pair = tuple(min(family, key=lambda recipe: losses[(recipe,)]) for family in (LINEAR, BOOSTED))
    candidates[pair] = np.asarray(np.mean([odds[recipe] for recipe in pair], axis=0))
    losses[pair] = _calibrated(candidates[pair], judged)[2]
    best = min(losses, key=lambda candidate: losses[candidate])
    slope, intercept, _ = _calibrated(candidates[best], judged)
    members = tuple(fit(recipe, schema, values, truth, seed) for recipe in best)
    progress()
    named = {" + ".join(recipe.name for recipe in one): round(x, 4) for one, x in losses.items()}
    return Chosen(Blend(members, slope, intercept), best, named)


def unseen_probabilities(
    schema: Schema, cells: Cells, truth: Flags, seed: int, progress: Progress = lambda: None
) -> tuple[Floats, list[Indices]]:
    """For each row the probability as a model would serve it that was chosen, fitted and calibrated
    without the row's fold, cold rows included; and the folds' rows."""
    values = cells.values
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(values, truth))
    found = np.empty(len(truth))
    for seen, rows in folds:
        # Another seed, so that the folds within a fold are not the folds around it.
        blend = choose(schema, values[seen], truth[seen], seed + 1, progress).blend
        unseen = Cells(*(part[rows] for part in cells))
        known = reliabilities(schema, unseen, matter_of(blend, values[seen]))
        served = probability(blend.log_odds(unseen.values))
        found[rows] = np.where(known < ENOUGH_KNOWN, truth[seen].mean(), served)
    return found, [rows for _, rows in folds]


def unseen_fits(rows: int) -> int:
    """How often `unseen_probabilities` calls `progress`."""
    return FOLDS * fits_of(rows - rows // FOLDS)


def fit(recipe: Recipe, schema: Schema, values: Floats, truth: Flags, seed: int) -> Member:
    """One member, on all these rows."""
    match recipe:
        case Straight():
            return fit_linear(schema, values, truth, curved=False, strength=recipe.strength)
        case Curved():
            return fit_linear(schema, values, truth, curved=True, strength=recipe.strength)
        case Boosted():
            models = fit_boosted(
                schema, values, truth, depth=recipe.depth, trees=recipe.trees, seed=seed
            )
            return forest_of(models, schema)


def _fitted(
    schema: Schema, values: Floats, truth: Flags, seed: int, progress: Progress
) -> dict[Recipe, Member]:
    """A member of every recipe; the first trees of the largest boosting are the smaller ones."""
    members: dict[Recipe, Member] = {}
    for recipe in LINEAR:
        members[recipe] = fit(recipe, schema, values, truth, seed)
        progress()
    for depth in DEPTHS:
        models = fit_boosted(schema, values, truth, depth=depth, trees=max(TREES), seed=seed)
        for trees in TREES:
            members[Boosted(depth, trees)] = forest_of(models, schema, trees)
        progress()
    return members


def _choosing(rows: int) -> int:
    """How many of the folds choose."""
    return min(FOLDS, -(-ENOUGH * FOLDS // rows))


def _calibrated(odds: Floats, truth: Flags) -> tuple[float, float, float]:
    """Slope, intercept, and the log-loss with them.

    Platt's sigmoid with his targets that keep off 0 and 1 (Platt 1999); the slope is not negative,
    for a model that is wrong more often than right knows nothing.
    """
    having, lacking = int(truth.sum()), int((~truth).sum())
    aims = np.where(truth, (having + 1) / (having + 2), 1 / (lacking + 2))

    def loss(given: Sequence[float]) -> tuple[float, Floats]:
        found = given[0] * odds + given[1]
        value = float((np.logaddexp(0, found) - aims * found).mean())
        errors = probability(found) - aims
        return value, np.array([(errors * odds).mean(), errors.mean()])

    start = np.array([1.0, 0.0])
    fitted = minimize(loss, start, jac=True, bounds=[(0.0, None), (None, None)], method="L-BFGS-B")
    slope, intercept = (float(number) for number in fitted.x)
    return slope, intercept, log_loss(probability(slope * odds + intercept), truth)
