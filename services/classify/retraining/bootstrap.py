"""Whether one model does worse than another on the same rows, beyond what other rows might show.

Paired bootstrap: rows are drawn with replacement, and both models judged by the same draw (Efron
and Tibshirani 1993, "An introduction to the bootstrap"; for classifiers Koehn 2004, "Statistical
significance tests for machine translation evaluation", EMNLP).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS = 2000
_BINS = 15  # those of the expected calibration error
_CHUNK = 250  # draws at once: bounds memory


@dataclass(frozen=True)
class Difference:
    """Candidate less current, as seen on all rows, and on each draw of them: [draws]."""

    seen: float
    drawn: Floats

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The percentile interval."""
        tail = (1 - level) / 2
        low, high = np.quantile(self.drawn, [tail, 1 - tail])
        return float(low), float(high)

    def chance_at_least(self, value: float) -> float:
        """The share of draws in which the difference is at least this: how well the rows agree with
        a difference that is no smaller. The rows as they are count as one draw."""
        return (1 + int((self.drawn >= value - 1e-12).sum())) / (1 + len(self.drawn))


def mean_difference(current: Floats, candidate: Floats, rng: np.random.Generator) -> Difference:
    """Of the means of two measures of the same rows, [rows] each, such as 0 for wrong, 1 for
    right. Needs at least one row. Rows of equal gain are drawn together: of right and wrong there
    are three kinds."""
    gains, rows = np.unique(candidate - current, return_counts=True)
    every = int(rows.sum())
    drawn = rng.multinomial(every, rows / every, size=DRAWS) @ gains / every
    return Difference(float(gains @ rows) / every, drawn)


def calibration_difference(
    current: tuple[Floats, Floats], candidate: tuple[Floats, Floats], rng: np.random.Generator
) -> Difference:
    """Of the expected calibration errors, from confidences and what was right (0 or 1), [rows]
    each. In bins of equal width the error is the sum of |sum of (confidence - right)| over all
    rows' number. Needs at least one row."""
    gaps = [_gaps(*told) for told in (current, candidate)]
    rows = len(gaps[0])

    def error(counts: Floats, gap: Floats) -> Floats:
        summed: Floats = np.abs(counts @ gap).sum(axis=1) / rows
        return summed

    drawn = [error(counts, gaps[1]) - error(counts, gaps[0]) for counts in _draws(rows, rng)]
    once = np.ones((1, rows))
    seen = error(once, gaps[1]) - error(once, gaps[0])
    return Difference(float(seen[0]), np.concatenate(drawn))


def _gaps(confidence: Floats, right: Floats) -> Floats:
    """[rows, bins]: each row's confidence less right, in the bin of its confidence."""
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = np.zeros((len(confidence), _BINS))
    gaps[np.arange(len(confidence)), bins] = confidence - right
    return gaps


def _draws(rows: int, rng: np.random.Generator) -> list[Floats]:
    """How often each row is in each draw, in chunks of [draws, rows]."""
    evenly = np.full(rows, 1 / rows)
    return [
        rng.multinomial(rows, evenly, size=_CHUNK).astype(np.float64)
        for _ in range(DRAWS // _CHUNK)
    ]
