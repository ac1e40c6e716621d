"""Fitting one head: regularisation and temperature from predictions on unseen folds."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from services.classify.domain.heads import Floats, Head, softmax

STRENGTHS = (0.001, 0.003, 0.01, 0.03)
"""Values of C tried: inverse strength of the L2 penalty on standardised features."""

BEGINNINGS = (Fraction(0), Fraction(2, 3))
"""Where the features begin that a head may read: all of them, or the last layer's only."""

_FOLDS = 5
_TINY = 1e-12


@dataclass(frozen=True)
class Fitted:
    """A head, what was chosen for it, and calibrated probabilities of the texts while unseen.

    unseen: float32 [texts, labels], each row by a head that was fitted without that text.
    """

    head: Head
    strength: float
    beginning: Fraction
    unseen: Floats


def fits_of(labels: Sequence[str]) -> int:
    """How many single fits `fit_head` makes: what a progress bar wants to know."""
    return len(BEGINNINGS) * len(STRENGTHS) * _fold_count(labels) + 1


def fit_head(
    features: Floats, labels: Sequence[str], seed: int, progress: Callable[[], object]
) -> Fitted:
    """Fits a head on standardised features [texts, width].

    C and where the features begin are those with the least calibrated log-loss over stratified
    folds: tone shows in inner layers too, wishes best in the last. The temperature makes those
    same unseen predictions fit the labels best (Guo et al. 2017). `progress` is called after every
    single fit.
    """
    names = tuple(sorted(set(labels)))
    truth = np.array([names.index(label) for label in labels])
    folds = StratifiedKFold(_fold_count(labels), shuffle=True, random_state=seed)
    splits = list(folds.split(features, truth))
    best: _Choice | None = None
    for beginning, strength in itertools.product(BEGINNINGS, STRENGTHS):
        first = int(features.shape[1] * beginning)
        logits = np.empty((len(truth), len(names)), np.float32)
        for seen, unseen in splits:
            weight, bias = _fit(features[seen, first:], truth[seen], len(names), strength)
            logits[unseen] = features[unseen, first:] @ weight.T + bias
            progress()
        temperature = temperature_of(logits, truth)
        loss = _log_loss(logits / np.float32(temperature), truth)
        if best is None or loss < best.loss:
            best = _Choice(loss, strength, beginning, temperature, logits)
    assert best is not None
    first = int(features.shape[1] * best.beginning)
    weight, bias = _fit(features[:, first:], truth, len(names), best.strength)
    progress()
    whole = np.pad(weight, ((0, 0), (first, 0)))
    head = Head(names, whole, bias, best.temperature)
    unseen_probabilities = softmax(best.logits / np.float32(best.temperature))
    return Fitted(head, best.strength, best.beginning, unseen_probabilities)


@dataclass(frozen=True)
class _Choice:
    loss: float
    strength: float
    beginning: Fraction
    temperature: float
    logits: Floats


def _fold_count(labels: Sequence[str]) -> int:
    """Five, or as many as the rarest label has rows."""
    rarest = min(labels.count(label) for label in set(labels))
    return max(2, min(_FOLDS, rarest))


def _fit(
    features: Floats, truth: NDArray[np.int64], n_labels: int, strength: float
) -> tuple[Floats, Floats]:
    """Weight [labels, width] and bias [labels]; every label occurs in `truth`."""
    # On matrices this small several threads take three times as long, and round differently.
    with threadpool_limits(1):
        model = LogisticRegression(C=strength, max_iter=1000).fit(features, truth)
    weight, bias = model.coef_, model.intercept_
    if n_labels == 2:
        # For two labels there is one row only: that of the second label against the first.
        weight, bias = np.vstack([-weight / 2, weight / 2]), np.hstack([-bias / 2, bias / 2])
    return weight.astype(np.float32), bias.astype(np.float32)


def temperature_of(logits: Floats, truth: NDArray[np.int64]) -> float:
    """The temperature at which these unseen logits [texts, labels] fit the labels best."""
    found = minimize_scalar(
        lambda log: _log_loss(logits / np.float32(np.exp(log)), truth),
        bounds=(np.log(0.05), np.log(20.0)),
        method="bounded",
    )
    return float(np.exp(found.x))


def _log_loss(logits: Floats, truth: NDArray[np.int64]) -> float:
    chosen = softmax(logits)[np.arange(len(truth)), truth]
    return float(-np.log(chosen + _TINY).mean())
