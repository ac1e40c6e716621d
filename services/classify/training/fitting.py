"""Fitting one head: regularisation, and how its parts are weighed, from predictions on unseen
folds."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import vstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from services.classify.domain.heads import Floats, Head, softmax
from services.classify.training.concurrency import mapped
from services.classify.training.wording import (
    Blend,
    Inputs,
    Rows,
    Wording,
    blend_of,
    fit_wording,
)

STRENGTHS = (0.003, 0.01, 0.03, 0.1)
"""Values of C tried: inverse strength of the L2 penalty on standardised features."""

BEGINNINGS = (Fraction(0), Fraction(2, 3))
"""Where the features begin that a head may read: all of them, or the last layer's only."""

Choice = tuple[float, Fraction]
CHOICES: tuple[Choice, ...] = tuple(itertools.product(STRENGTHS, BEGINNINGS))
"""What validation chooses from: C, and where the features begin."""

ENOUGH = 1500
"""Unseen texts that tell the choices apart."""

Split = tuple[Rows, Rows]

_FOLDS = 5
_TINY = 1e-12
_TOLERANCE = 1e-3  # halves the time of 1e-4, for a difference in log-loss of 0.001


@dataclass(frozen=True)
class Fitted:
    """A head, what was chosen for it, and calibrated probabilities of the texts while unseen.

    unseen: float32 [texts, labels], each row by a head that was fitted without that text.
    """

    head: Head
    strength: float
    beginning: Fraction
    blend: Blend
    unseen: Floats


def fits_of(labels: Sequence[str]) -> int:
    """How many single fits `fit_head` makes: what a progress bar wants to know."""
    folds = _fold_count(labels)
    choosing = _choosing(len(labels), folds)
    of_words = folds + 1
    return len(CHOICES) * choosing + (folds - choosing) + 1 + of_words


def fit_head(
    inputs: Inputs,
    labels: Sequence[str],
    seed: int,
    *,
    further: tuple[Inputs, Sequence[str]] | None = None,
    threads: int,
    progress: Callable[[], object],
) -> Fitted:
    """Fits a head on what stands in texts.

    `further` inputs and labels are learned from in every fit and never judged; their labels
    occur among the others.
    C and where the features begin are those with the least calibrated log-loss on unseen folds,
    as many of them as hold enough texts to tell: tone shows in inner layers too, wishes best in the
    last. How features and words are blended makes the unseen predictions of all folds fit the
    labels best. `progress` is called after every single fit, of which `threads` run at a time
    where that changes nothing.
    """
    names = tuple(sorted(set(labels)))
    truth = np.searchsorted(names, labels)
    texts = np.arange(len(truth))
    described = np.arange(0)
    features, terms = inputs.features, inputs.terms
    if further is not None:
        features = np.concatenate([features, further[0].features])
        terms = vstack([terms, further[0].terms], format="csr")
        described = np.arange(len(truth), len(features))
        truth = np.concatenate([truth, np.searchsorted(names, further[1])])
    folds = _fold_count(labels)
    splits = list(
        StratifiedKFold(folds, shuffle=True, random_state=seed).split(texts, truth[texts])
    )

    def fit(task: tuple[Choice, Rows]) -> tuple[Floats, Floats]:
        (strength, beginning), rows = task
        first = int(features.shape[1] * beginning)
        learned = np.concatenate([rows, described])
        weight, bias = _fit(features[learned, first:], truth[learned], len(names), strength)
        progress()
        return np.pad(weight, ((0, 0), (first, 0))), bias

    def fit_words(rows: Rows) -> Wording:
        learned = np.concatenate([rows, described])
        found = fit_wording(terms[learned], truth[learned], len(names), seed)
        progress()
        return found

    def unseen(choices: Sequence[Choice], splits: Sequence[Split]) -> list[list[Floats]]:
        """For each choice its logits of every split's unseen rows."""
        tasks = [(choice, seen) for choice in choices for seen, _ in splits]
        fitted = iter(mapped(fit, tasks, threads))
        return [[_logits(features[rows], *next(fitted)) for _, rows in splits] for _ in choices]

    choosing = splits[: _choosing(len(texts), folds)]
    judged = np.concatenate([rows for _, rows in choosing])
    found = [np.concatenate(logits) for logits in unseen(CHOICES, choosing)]
    best = int(np.argmin([_calibrated_loss(logits, truth[judged]) for logits in found]))
    others = splits[len(choosing) :]
    judged = np.concatenate([judged, *(rows for _, rows in others)])
    read = np.empty((len(texts), len(names)), np.float32)
    read[judged] = np.concatenate([found[best], *unseen([CHOICES[best]], others)[0]])
    worded = np.empty_like(read)
    # One after the other: liblinear draws its random numbers from one stream for all threads.
    *of_folds, wording = [fit_words(rows) for rows in (*(seen for seen, _ in splits), texts)]
    for (_, rows), of_fold in zip(splits, of_folds, strict=True):
        worded[rows] = of_fold.logits(terms[rows])
    blend = blend_of(read, worded, truth[texts])
    ((weight, bias),) = mapped(fit, [(CHOICES[best], texts)], 1)
    head = blend.head(Head(names, weight, bias, 1.0), wording)
    return Fitted(head, *CHOICES[best], blend, softmax(blend.logits(read, worded)))


def fit_last_layer(features: Floats, labels: Sequence[str], strength: float) -> Head:
    """A head that is not calibrated, on the last layer's part of standardised features [texts,
    width]."""
    names = tuple(sorted(set(labels)))
    first = int(features.shape[1] * BEGINNINGS[-1])
    truth = np.searchsorted(names, labels)
    weight, bias = _fit(features[:, first:], truth, len(names), strength)
    return Head(names, np.pad(weight, ((0, 0), (first, 0))), bias, 1.0)


def _choosing(texts: int, folds: int) -> int:
    """How many of the folds choose."""
    return min(folds, -(-ENOUGH * folds // texts))


def _logits(features: Floats, weight: Floats, bias: Floats) -> Floats:
    logits: Floats = features @ weight.T + bias
    return logits


def _fold_count(labels: Sequence[str]) -> int:
    """Five, or as many as the rarest label has rows."""
    rarest = min(labels.count(label) for label in set(labels))
    return max(2, min(_FOLDS, rarest))


def _fit(
    features: Floats, truth: NDArray[np.int64], n_labels: int, strength: float
) -> tuple[Floats, Floats]:
    """Weight [labels, width] and bias [labels]; every label occurs in `truth`."""
    model = LogisticRegression(C=strength, max_iter=1000, tol=_TOLERANCE).fit(features, truth)
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


def _calibrated_loss(logits: Floats, truth: NDArray[np.int64]) -> float:
    return _log_loss(logits / np.float32(temperature_of(logits, truth)), truth)


def _log_loss(logits: Floats, truth: NDArray[np.int64]) -> float:
    chosen = softmax(logits)[np.arange(len(truth)), truth]
    return float(-np.log(chosen + _TINY).mean())
