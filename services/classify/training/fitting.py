"""Fitting one head: regularisation, and how its parts are weighed, from predictions on unseen
folds."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from sklearn.model_selection import StratifiedKFold

from services.classify.domain.heads import Floats, Head, softmax
from services.classify.training.blending import Blend, blend_of, calibrated_loss
from services.classify.training.concurrency import mapped
from services.classify.training.inputs import Inputs, Rows
from services.classify.training.linear import Linear, Truth, fit_logistic, fit_margin

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
    folds = StratifiedKFold(_fold_count(labels), shuffle=True, random_state=seed)
    splits = list(folds.split(texts, truth))
    if further is not None:
        inputs = inputs.and_then(further[0])
    taught = np.concatenate([truth, np.searchsorted(names, further[1] if further else ())])
    lesson = _Lesson(inputs, taught, texts, names, seed, threads, progress)
    choice, read = lesson.unseen_by_features(splits)
    worded = lesson.unseen_by_words(splits)
    blend = blend_of(read, worded, truth)
    (by_features,) = lesson.by_features([(choice, texts)])
    head = blend.head(names, by_features, lesson.by_words(texts))
    return Fitted(head, *choice, blend, softmax(blend.logits(read, worded)))


@dataclass(frozen=True)
class _Lesson:
    """What one head is to learn: the `texts` come first among the inputs, then what is learned from
    in every fit."""

    inputs: Inputs
    truth: Truth
    texts: Rows
    labels: tuple[str, ...]
    seed: int
    threads: int
    progress: Callable[[], object]

    def unseen_by_features(self, splits: Sequence[Split]) -> tuple[Choice, Floats]:
        """The best choice, and its logits [texts, labels] of every text while unseen."""
        count = _choosing(len(self.texts), len(splits))
        choosing, others = splits[:count], splits[count:]
        judged = np.concatenate([rows for _, rows in choosing])
        found = [np.concatenate(logits) for logits in self._unseen(CHOICES, choosing)]
        losses = [calibrated_loss(logits, self.truth[judged]) for logits in found]
        best = int(np.argmin(losses))
        (rest,) = self._unseen([CHOICES[best]], others)
        read = np.empty((len(self.texts), len(self.labels)), np.float32)
        read[np.concatenate([judged, *(rows for _, rows in others)])] = np.concatenate(
            [found[best], *rest]
        )
        return CHOICES[best], read

    def unseen_by_words(self, splits: Sequence[Split]) -> Floats:
        """Logits [texts, labels] of every text while unseen."""
        worded = np.empty((len(self.texts), len(self.labels)), np.float32)
        for seen, rows in splits:
            worded[rows] = self.by_words(seen).logits(self.inputs.terms[rows])
        return worded

    def _unseen(self, choices: Sequence[Choice], splits: Sequence[Split]) -> list[list[Floats]]:
        """For each choice its logits of every split's unseen rows."""
        tasks = [(choice, seen) for choice in choices for seen, _ in splits]
        fitted = iter(self.by_features(tasks))
        features = self.inputs.features
        return [[next(fitted).logits(features[rows]) for _, rows in splits] for _ in choices]

    def by_features(self, tasks: Sequence[tuple[Choice, Rows]]) -> list[Linear]:
        """What the features of each task's rows teach by its choice."""
        return mapped(self._by_features, tasks, self.threads)

    def _by_features(self, task: tuple[Choice, Rows]) -> Linear:
        (strength, beginning), rows = task
        learned = self._with_further(rows)
        first = int(self.inputs.features.shape[1] * beginning)
        features = self.inputs.features[learned, first:]
        fitted = fit_logistic(features, self.truth[learned], len(self.labels), strength)
        self.progress()
        return Linear(np.pad(fitted.weight, ((0, 0), (first, 0))), fitted.bias)

    def by_words(self, rows: Rows) -> Linear:
        """What the words of these rows teach."""
        learned = self._with_further(rows)
        terms = self.inputs.terms[learned]
        fitted = fit_margin(terms, self.truth[learned], len(self.labels), self.seed)
        self.progress()
        return fitted

    def _with_further(self, rows: Rows) -> Rows:
        return np.concatenate([rows, np.arange(len(self.texts), len(self.truth))])


def fit_last_layer(features: Floats, labels: Sequence[str], strength: float) -> Head:
    """A head that is not calibrated, on the last layer's part of standardised features [texts,
    width]."""
    names = tuple(sorted(set(labels)))
    first = int(features.shape[1] * BEGINNINGS[-1])
    truth = np.searchsorted(names, labels)
    weight, bias = fit_logistic(features[:, first:], truth, len(names), strength)
    return Head(names, np.pad(weight, ((0, 0), (first, 0))), bias, 1.0)


def _choosing(texts: int, folds: int) -> int:
    """How many of the folds choose."""
    return min(folds, -(-ENOUGH * folds // texts))


def _fold_count(labels: Sequence[str]) -> int:
    """Five, or as many as the rarest label has rows."""
    rarest = min(labels.count(label) for label in set(labels))
    return max(2, min(_FOLDS, rarest))
