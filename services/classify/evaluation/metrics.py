"""Figures of a head's predictions: pure functions of arrays, one entry a message."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.classify.training.report import calibration_error

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

BINS = 15
_TINY = 1e-12


@dataclass(frozen=True)
class Predictions:
    """What a head said of messages whose label is known.

    truth, guess: indices of labels [messages]. confidence: probability of the guess [messages].
    likelihood: probability of the truth [messages].
    """

    truth: Indices
    guess: Indices
    confidence: Floats
    likelihood: Floats

    @property
    def right(self) -> Flags:
        return np.asarray(self.truth == self.guess)

    def of(self, chosen: Flags) -> "Predictions":
        """Those of some messages."""
        return Predictions(
            self.truth[chosen],
            self.guess[chosen],
            self.confidence[chosen],
            self.likelihood[chosen],
        )


@dataclass(frozen=True)
class Figures:
    """How good predictions are. `macro_f1` is over labels that occur; `log_loss` in nats."""

    rows: int
    accuracy: float
    macro_f1: float
    ece: float
    log_loss: float


@dataclass(frozen=True)
class LabelFigures:
    """How well one label is found. Without guesses there is no precision, without rows no recall,
    and without either no F1."""

    label: int
    rows: int
    guesses: int
    precision: float | None
    recall: float | None
    f1: float


@dataclass(frozen=True)
class Bin:
    """Messages whose confidence lies from `lower` to `upper`, their mean of it, and accuracy."""

    lower: float
    upper: float
    rows: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class RiskCoverage:
    """Which share of messages is wrong if only the most confident are answered.

    coverage: shares answered [steps], ascending, one step for each confidence that occurs.
    risk: share of those that is wrong [steps]. area: the mean risk over all numbers of messages
    answered (AURC, Geifman and El-Yaniv 2017); messages of equal confidence are wrong equally.
    """

    coverage: Floats
    risk: Floats
    area: float

    def coverage_at(self, risk: float) -> float:
        """The largest share that can be answered with at most this share wrong; 0 if none."""
        fitting = self.coverage[self.risk <= risk]
        return float(fitting[-1]) if len(fitting) else 0.0


def figures(predictions: Predictions) -> Figures:
    """Needs at least one message."""
    right = predictions.right
    counts = confusion(predictions, int(max(predictions.truth.max(), predictions.guess.max())) + 1)
    occurring = [label for label in by_label(counts) if label.rows]
    return Figures(
        rows=len(right),
        accuracy=float(right.mean()),
        macro_f1=sum(label.f1 for label in occurring) / len(occurring),
        ece=calibration_error(predictions.confidence.astype(np.float32), right),
        log_loss=float(-np.log(np.maximum(predictions.likelihood, _TINY)).mean()),
    )


def confusion(predictions: Predictions, labels: int) -> Indices:
    """Messages by truth (rows) and guess (columns), [labels, labels]."""
    pairs = predictions.truth * labels + predictions.guess
    return np.bincount(pairs, minlength=labels * labels).reshape(labels, labels)


def by_label(counts: Indices) -> list[LabelFigures]:
    """Precision, recall and F1 of each label, from a confusion matrix."""
    found = []
    for label, right in enumerate(np.diag(counts).tolist()):
        rows, guesses = int(counts[label].sum()), int(counts[:, label].sum())
        found.append(
            LabelFigures(
                label,
                rows,
                guesses,
                right / guesses if guesses else None,
                right / rows if rows else None,
                2 * right / (rows + guesses) if rows + guesses else 0.0,
            )
        )
    return found


def confused(counts: Indices, most: int) -> list[tuple[int, int, int]]:
    """The most frequent mistakes: truth, guess, messages; at most `most`."""
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    places = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = [(*map(int, np.unravel_index(place, wrong.shape)),) for place in places]
    return [
        (truth, guess, int(wrong[truth, guess])) for truth, guess in pairs if wrong[truth, guess]
    ]


def reliability(confidence: Floats, right: Flags) -> list[Bin]:
    """The bins of the calibration error that hold messages: of equal width, from 0 to 1."""
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(
            place / BINS,
            (place + 1) / BINS,
            int((places == place).sum()),
            float(confidence[places == place].mean()),
            float(right[places == place].mean()),
        )
        for place in np.unique(places).tolist()
    ]


def risk_coverage(confidence: Floats, right: Flags) -> RiskCoverage:
    """Needs at least one message."""
    order = np.argsort(-confidence, kind="stable")
    falling, wrong = confidence[order], (~right[order]).astype(np.float64)
    ends = np.flatnonzero(np.append(falling[1:] != falling[:-1], True)) + 1
    mistakes = np.add.accumulate(wrong)[ends - 1]
    numbers = np.arange(1, len(wrong) + 1)
    evenly = np.interp(numbers, np.append(0, ends), np.append(0, mistakes))
    return RiskCoverage(ends / len(wrong), mistakes / ends, float((evenly / numbers).mean()))
