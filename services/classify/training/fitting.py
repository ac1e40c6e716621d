"""Fitting one head: regularisation, and how its parts are weighed, from predictions on unseen
folds."""

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

READINGS = {"all layers": Fraction(0), "last layer": Fraction(2, 3)}
"""Where among the features each part of a head begins to read: wishes show best in the last layer,
tone in inner layers, too."""

ENOUGH = 1500
"""Unseen texts that tell the choices apart."""

Split = tuple[Rows, Rows]

_FOLDS = 5


@dataclass(frozen=True)
class Fitted:
    """A head, what was chosen for it, and calibrated probabilities of the texts while unseen.

    strengths: C by the name of the reading; unseen: float32 [texts, labels], each row by a head
    that was fitted without that text.
    """

    head: Head
    strengths: dict[str, float]
    blend: Blend
    unseen: Floats

    @property
    def shares(self) -> dict[str, float]:
        """How much each further part counts beside the first reading."""
        _, *others = READINGS
        return dict(zip([*others, "words"], self.blend.shares, strict=True))


def fits_of(labels: Sequence[str]) -> int:
    """How many single fits `fit_head` makes: what a progress bar wants to know."""
    folds = _fold_count(labels)
    choosing = _choosing(len(labels), folds)
    of_reading = len(STRENGTHS) * choosing + (folds - choosing) + 1
    of_words = folds + 1
    return len(READINGS) * of_reading + of_words


def fit_head(
    inputs: Inputs,
    labels: Sequence[str],
    seed: int,
    *,
    further: tuple[Inputs, Sequence[str]] | None = None,
    threads: int,
    progress: Callable[[], object],
) -> Fitted:
    """Fits a head on what stands in texts: a part for each of the readings, and one for the words.

    `further` inputs and labels are learned from in every fit and never judged; their labels
    occur among the others.
    C of each reading is the one with the least calibrated log-loss on unseen folds, as many of them
    as hold enough texts to tell. How the parts are blended makes the unseen predictions of all
    folds fit the labels best. `progress` is called after every single fit, of which `threads` run
    at a time where that changes nothing.
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
    found = {name: lesson.unseen_by(first, splits) for name, first in READINGS.items()}
    strengths = {name: strength for name, (strength, _) in found.items()}
    unseen = [*(logits for _, logits in found.values()), lesson.unseen_by_words(splits)]
    blend = blend_of(unseen, truth)
    by_features = lesson.by_features(
        [(strengths[name], first, texts) for name, first in READINGS.items()]
    )
    head = blend.head(names, [*by_features, lesson.by_words(texts)])
    return Fitted(head, strengths, blend, softmax(blend.logits(unseen)))


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

    def unseen_by(self, beginning: Fraction, splits: Sequence[Split]) -> tuple[float, Floats]:
        """The best C for reading the features from there on, and its logits [texts, labels] of
        every text while unseen."""
        count = _choosing(len(self.texts), len(splits))
        choosing, others = splits[:count], splits[count:]
        judged = np.concatenate([rows for _, rows in choosing])
        found = [np.concatenate(one) for one in self._unseen(STRENGTHS, beginning, choosing)]
        losses = [calibrated_loss(logits, self.truth[judged]) for logits in found]
        best = int(np.argmin(losses))
        (rest,) = self._unseen([STRENGTHS[best]], beginning, others)
        read = np.empty((len(self.texts), len(self.labels)), np.float32)
        read[np.concatenate([judged, *(rows for _, rows in others)])] = np.concatenate(
            [found[best], *rest]
        )
        return STRENGTHS[best], read

    def unseen_by_words(self, splits: Sequence[Split]) -> Floats:
        """Logits [texts, labels] of every text while unseen."""
        worded = np.empty((len(self.texts), len(self.labels)), np.float32)
        for seen, rows in splits:
            worded[rows] = self.by_words(seen).logits(self.inputs.terms[rows])
        return worded

    def _unseen(
        self, strengths: Sequence[float], beginning: Fraction, splits: Sequence[Split]
    ) -> list[list[Floats]]:
        """For each C its logits of every split's unseen rows."""
        tasks = [(strength, beginning, seen) for strength in strengths for seen, _ in splits]
        fitted = iter(self.by_features(tasks))
        features = self.inputs.features
        return [[next(fitted).logits(features[rows]) for _, rows in splits] for _ in strengths]

    def by_features(self, tasks: Sequence[tuple[float, Fraction, Rows]]) -> list[Linear]:
        """What the features teach, for each task: with its C, from its beginning on, by its
        rows."""
        return mapped(self._by_features, tasks, self.threads)

    def _by_features(self, task: tuple[float, Fraction, Rows]) -> Linear:
        strength, beginning, rows = task
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
    first = int(features.shape[1] * READINGS["last layer"])
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
