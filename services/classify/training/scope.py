"""Fitting what tells messages that are out of scope."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy.linalg import eigh
from sklearn.covariance import ledoit_wolf
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from services.classify.domain.heads import Floats
from services.classify.domain.scope import OutOfScope

OUTSIDE = ("out_of_scope", "oos")
"""Labels of messages that belong to no intent: they are no neighbours to anything."""

FOLDS = 5
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

    The threshold lets `false_alarms` of in-scope messages be taken for out of scope, measured on
    folds that were not fitted on; an intent needs two messages. Messages labelled out of scope are
    not fitted on. `progress` is called after each of the `FOLDS` + 1 fits.
    """
    outside = np.isin(intents, OUTSIDE)
    inside = np.flatnonzero(~outside)
    labels = np.unique(np.asarray(intents)[inside], return_inverse=True)[1]
    folds = max(2, min(FOLDS, int(np.bincount(labels).min())))
    unseen = np.zeros(len(features), np.float32)
    beyond = np.zeros((folds, int(outside.sum())), np.float32)
    splits = StratifiedKFold(folds, shuffle=True, random_state=seed).split(inside, labels)
    for number, (train, held_out) in enumerate(splits):
        fitted = _fit(features[inside[train]], labels[train])
        unseen[inside[held_out]] = fitted.distances(features[inside[held_out]])
        beyond[number] = fitted.distances(features[outside])
        progress()
    unseen[outside] = beyond.mean(axis=0)
    whole = _fit(features[inside], labels)
    progress()
    return _judged_by(whole, unseen[inside], false_alarms), unseen


def fit_scope_held_out(
    features: Floats,
    intents: Sequence[str],
    held_out: "np.ndarray[tuple[int], np.dtype[np.intp]]",
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
    return _judged_by(fitted, fitted.distances(features[judging]), false_alarms)


def fits_of(intents: Sequence[str]) -> int:
    """How often `fit_scope` calls its progress."""
    inside = [intent for intent in intents if intent not in OUTSIDE]
    rarest = min(map(inside.count, set(inside)))
    return max(2, min(FOLDS, rarest)) + 1


def _judged_by(fitted: OutOfScope, unseen: Floats, false_alarms: float) -> OutOfScope:
    known = np.quantile(unseen, np.linspace(0, 1, _QUANTILES)).astype(np.float32)
    return replace(fitted, known=known, threshold=1 - false_alarms)


def _fit(features: Floats, labels: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> OutOfScope:
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
