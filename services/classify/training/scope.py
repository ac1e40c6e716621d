"""Fitting what tells messages that are out of scope."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from sklearn.covariance import ledoit_wolf
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from services.classify.domain.heads import Floats
from services.classify.domain.scope import OutOfScope
from services.classify.training.concurrency import mapped

Rows = NDArray[np.intp]

OUTSIDE = ("out_of_scope", "oos")
"""Labels of messages that belong to no intent: they are no neighbours to anything."""

FOLDS = 6
MOST_DIMENSIONS = 128
LEAST_OUTSIDE = 20
"""Fewer messages out of scope say too little about what such messages are like."""

WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Of the likeness to messages out of scope, against a standard deviation of the distance."""

_STRENGTH = 0.001
"""C on standardised features, of what messages out of scope have in common."""

_QUANTILES = 1001


def fit_scope(
    features: Floats,
    intents: Sequence[str],
    *,
    false_alarms: float,
    seed: int,
    threads: int,
    progress: Callable[[], object],
) -> tuple[OutOfScope, Floats]:
    """Fits on raw features [texts, width]; returns it, and the distances of all texts while unseen.

    The threshold lets `false_alarms` of in-scope messages be taken for out of scope, judged by
    folds that were not fitted on; an intent needs two messages. `progress` is called after each of
    `fits_of` fits, `threads` of which run at a time.
    """
    labels = np.unique(np.asarray(intents), return_inverse=True)[1]
    outside = np.isin(intents, OUTSIDE)
    every = np.arange(len(features))
    rounds = [
        list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(features, labels))
        for folds in _folds(intents)
    ]

    def fit(rows: Rows) -> OutOfScope:
        fitted = _fit(features[rows], labels[rows], outside[rows])
        progress()
        return fitted

    learning = [every, *(train for splits in rounds for train, _ in splits)]
    whole, *parts = mapped(fit, learning, threads)
    told = iter(parts)
    found = [np.empty((2, len(features)), np.float32) for _ in rounds]
    for distances, splits in zip(found, rounds, strict=True):
        for _, unseen in splits:
            distances[:, unseen] = _parts(next(told), features[unseen])
    weight = _weight(found[-1], outside)
    weighed = [distance + weight * likeness for distance, likeness in found]
    known = [_quantiles(distances[~outside]) for distances in weighed]
    return _judged_by(whole, weight, _extrapolated(known), false_alarms), weighed[-1]


def fit_scope_held_out(
    features: Floats,
    intents: Sequence[str],
    held_out: Rows,
    *,
    false_alarms: float,
) -> tuple[OutOfScope, float]:
    """As `fit_scope`, when the features were trained on all rows but those `held_out`; with the
    weight of the likeness that was chosen."""
    outside = np.isin(intents, OUTSIDE)
    learning = np.ones(len(intents), bool)
    learning[held_out] = False
    labels = np.unique(np.asarray(intents)[learning], return_inverse=True)[1]
    fitted = _fit(features[learning], labels, outside[learning])
    distance, likeness = parts = _parts(fitted, features[held_out])
    weight = _weight(parts, outside[held_out])
    known = _quantiles((distance + weight * likeness)[~outside[held_out]])
    return _judged_by(fitted, weight, known, false_alarms), weight


def on_all(
    judged: OutOfScope, weight: float, features: Floats, intents: Sequence[str]
) -> OutOfScope:
    """Fitted on all rows of features made anew; what was judged before is believed of them too."""
    outside = np.isin(intents, OUTSIDE)
    fitted = _fit(features, np.unique(intents, return_inverse=True)[1], outside)
    return _judged_by(fitted, weight, judged.known, 1 - judged.threshold)


def fits_of(intents: Sequence[str]) -> int:
    """How often `fit_scope` calls its progress."""
    return sum(_folds(intents)) + 1


def _folds(intents: Sequence[str]) -> tuple[int, ...]:
    """Half as many and as many folds as the rarest intent allows; few allow one way only."""
    rarest = min(Counter(intents).values())
    most = max(2, min(FOLDS, rarest))
    return (most // 2, most) if most >= 4 else (most,)


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


def _parts(fitted: OutOfScope, features: Floats) -> Floats:
    """float32 [2, texts]: the distances alone, and the likeness to what is out of scope."""
    likeness = features @ fitted.direction
    return np.stack([fitted.distances(features) - likeness, likeness])


def _weight(parts: Floats, outside: NDArray[np.bool_]) -> float:
    """How much the likeness counts, so that unseen texts out of scope are told apart best."""
    distance, likeness = parts
    if not outside.any() or not likeness.any():
        return 0.0
    return max(WEIGHTS, key=lambda weight: roc_auc_score(outside, distance + weight * likeness))


def _judged_by(fitted: OutOfScope, weight: float, known: Floats, false_alarms: float) -> OutOfScope:
    direction = np.float32(weight) * fitted.direction
    return replace(fitted, direction=direction, known=known, threshold=1 - false_alarms)


def _fit(features: Floats, labels: Rows, outside: NDArray[np.bool_]) -> OutOfScope:
    """The distance from the intents, and beside it what the messages `outside` have in common."""
    inside = features[~outside]
    distance = _distance(inside, np.unique(labels[~outside], return_inverse=True)[1])
    if outside.sum() < LEAST_OUTSIDE:
        return distance
    unit = distance.distances(inside).std()
    return replace(distance, direction=unit * _likeness(features, outside))


def _distance(features: Floats, labels: Rows) -> OutOfScope:
    count = int(labels.max()) + 1
    mean = features.mean(axis=0, dtype=np.float64)
    means = np.stack([features[labels == label].mean(axis=0) for label in range(count)])
    within, _ = ledoit_wolf(features - means[labels], assume_centered=True)
    away = (means - mean) * np.sqrt(np.bincount(labels) / len(labels))[:, None]
    between = away.T @ away
    kept = min(count - 1, MOST_DIMENSIONS)
    width = len(mean)
    variances, vectors = eigh(between, within, subset_by_index=[width - kept, width - 1])
    centre = (mean @ vectors).astype(np.float32)
    return OutOfScope(
        basis=vectors.astype(np.float32),
        centre=centre,
        means=(means @ vectors - centre).astype(np.float32),
        spread=(1 + variances).astype(np.float32),
        direction=np.zeros(width, np.float32),
        known=np.zeros(1, np.float32),
        threshold=1.0,
    )


def _likeness(features: Floats, outside: NDArray[np.bool_]) -> Floats:
    """float32 [width]: raw features times it, plus a constant, are the log odds of being outside
    if as many messages were outside as in scope."""
    scale = np.maximum(features.std(axis=0), np.float32(1e-6))
    standard = (features - features.mean(axis=0)) / scale
    model = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=1000, tol=1e-3)
    direction: Floats = (model.fit(standard, outside).coef_[0] / scale).astype(np.float32)
    return direction
