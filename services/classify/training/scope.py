"""Fitting what tells messages that are out of scope."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from sklearn.covariance import ledoit_wolf
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from services.classify.domain.heads import Floats
from services.classify.domain.scope import OutOfScope

Rows = NDArray[np.intp]

OUTSIDE = ("out_of_scope", "oos")
"""Labels of messages that belong to no intent: they are no neighbours to anything."""

FOLDS = 20
MOST_DIMENSIONS = 128
_QUANTILES = 1001


def fit_scope(
    features: Floats,
    intents: Sequence[str],
    *,
    false_alarms: float,
    seed: int,
    progress: Callable[[], object],
) -> tuple[OutOfScope, Floats]:
    """Fits on raw features [texts, width]; returns it, and the distances of all texts while unseen.

    The threshold lets `false_alarms` of in-scope messages be taken for out of scope, judged by
    folds that were not fitted on; an intent needs two messages. Messages labelled out of scope are
    not fitted on. `progress` is called after each of `fits_of` fits.
    """
    outside = np.isin(intents, OUTSIDE)
    inside = np.flatnonzero(~outside)
    labels = np.unique(np.asarray(intents)[inside], return_inverse=True)[1]
    rounds = [
        _unseen(features, inside, labels, StratifiedKFold(folds, shuffle=True, random_state=seed))
        for folds in _folds(int(np.bincount(labels).min()))
    ]
    found = []
    for steps in rounds:
        distances = np.zeros(len(features), np.float32)
        times = np.zeros(len(features), np.float32)
        for rows, step in steps:
            distances[rows] += step
            times[rows] += 1
            progress()
        found.append(distances / times)
    whole = _fit(features[inside], labels)
    progress()
    known = [_quantiles(distances[inside]) for distances in found]
    return _judged_by(whole, _extrapolated(known), false_alarms), found[-1]


def fit_scope_held_out(
    features: Floats,
    intents: Sequence[str],
    held_out: Rows,
    *,
    false_alarms: float,
) -> OutOfScope:
    """As `fit_scope`, when the features were trained on all rows but those `held_out`. Texts
    without an intent ("") are left out."""
    inside = ~np.isin(intents, (*OUTSIDE, ""))
    learning = inside.copy()
    learning[held_out] = False
    labels = np.unique(np.asarray(intents)[learning], return_inverse=True)[1]
    fitted = _fit(features[learning], labels)
    judging = held_out[inside[held_out]]
    known = _quantiles(fitted.distances(features[judging]))
    return _judged_by(fitted, known, false_alarms)


def fits_of(intents: Sequence[str]) -> int:
    """How often `fit_scope` calls its progress."""
    inside = [intent for intent in intents if intent not in OUTSIDE]
    return sum(_folds(min(map(inside.count, set(inside))))) + 1


def _folds(rarest: int) -> tuple[int, ...]:
    """Half as many and as many folds as the rarest intent allows; few allow one way only."""
    most = max(2, min(FOLDS, rarest))
    return (most // 2, most) if most >= 4 else (most,)


def _unseen(
    features: Floats, inside: Rows, labels: Rows, folds: StratifiedKFold
) -> Iterator[tuple[Rows, Floats]]:
    """Distances of rows from what was fitted without them; those outside come with every fold."""
    outside = np.setdiff1d(np.arange(len(features)), inside)
    for train, held_out in folds.split(inside, labels):
        rows = np.concatenate([inside[held_out], outside])
        yield rows, _fit(features[inside[train]], labels[train]).distances(features[rows])


def _extrapolated(known: Sequence[Floats]) -> Floats:
    """The quantiles that a fit on all rows would give to unseen texts.

    A fold's fit has fewer rows and puts unseen texts further away; what it adds falls as one over
    the number of folds, so that twice the folds' quantiles less the half's is free of it
    (Richardson extrapolation).
    """
    if len(known) == 1:
        return known[0]
    few, many = known
    extrapolated: Floats = np.maximum.accumulate(2 * many - few)
    return extrapolated


def _quantiles(distances: Floats) -> Floats:
    quantiles: Floats = np.quantile(distances, np.linspace(0, 1, _QUANTILES)).astype(np.float32)
    return quantiles


def _judged_by(fitted: OutOfScope, known: Floats, false_alarms: float) -> OutOfScope:
    return replace(fitted, known=known, threshold=1 - false_alarms)


def _fit(features: Floats, labels: Rows) -> OutOfScope:
    count = int(labels.max()) + 1
    mean = features.mean(axis=0, dtype=np.float64)
    means = np.stack([features[labels == label].mean(axis=0) for label in range(count)])
    # One thread: several round differently, and the same data must give the same artifact.
    with threadpool_limits(1):
        within, _ = ledoit_wolf(features - means[labels], assume_centered=True)
        away = (means - mean) * np.sqrt(np.bincount(labels) / len(labels))[:, None]
        between = away.T @ away
        kept = min(count - 1, MOST_DIMENSIONS)
        width = len(mean)
        variances, vectors = eigh(between, within, subset_by_index=[width - kept, width - 1])
    basis = vectors.astype(np.float32)
    centre = (mean @ vectors).astype(np.float32)
    return OutOfScope(
        basis=basis,
        centre=centre,
        means=(means @ vectors - centre).astype(np.float32),
        spread=(1 + variances).astype(np.float32),
        known=np.zeros(1, np.float32),
        threshold=1.0,
    )
