"""Judged replies of one intent as arrays, and how they are counted by threshold.

Thresholds are whole hundredths, called rungs here: 55 is a threshold of 0.55. A reply stands on the
highest rung that its confidence reaches, so it passes exactly the thresholds up to that rung.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from services.feedback.domain.policy import Count, Observation

TOP = 100
ROUNDING = 1e-6
"""Of a hundredth: 0.29 is rung 29 though 0.29 * 100 is a little less."""

Floats = NDArray[np.float64]


def rung_of(confidence: float) -> int:
    """The highest rung that a confidence in [0, 1] reaches."""
    return math.floor(confidence * TOP + ROUNDING)


def first_rung(threshold: float) -> int:
    """The lowest rung whose replies pass a threshold."""
    return math.ceil(threshold * TOP - ROUNDING)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Judged replies, oldest first; all arrays have shape (replies,).

    `automatic`: not a draft. `moments` are seconds since 1970. `alphas` is the share that may be
    wrong, the same for all but where intents are taken together.
    """

    rungs: NDArray[np.int64]
    bad: NDArray[np.bool_]
    automatic: NDArray[np.bool_]
    weights: Floats
    moments: Floats
    alphas: Floats

    @classmethod
    def of(cls, observed: Sequence[Observation], alpha: float) -> Self:
        """In the order in which the replies were made, whatever order they come in."""
        ordered = sorted(observed, key=lambda o: (o.at, o.confidence, o.bad, o.kind, o.weight))
        return cls(
            np.array([rung_of(one.confidence) for one in ordered], np.int64),
            np.array([one.bad for one in ordered], np.bool_),
            np.array([one.kind == "automatic" for one in ordered], np.bool_),
            np.array([one.weight for one in ordered], np.float64),
            np.array([one.at.timestamp() for one in ordered], np.float64),
            np.full(len(ordered), alpha),
        )

    @classmethod
    def together(cls, parts: Iterable["Evidence"]) -> "Evidence":
        """The replies of several intents as those of one, oldest first."""
        one_each = list(parts)
        if not one_each:
            return cls.of((), 0.0)
        joined = cls(
            np.concatenate([part.rungs for part in one_each]),
            np.concatenate([part.bad for part in one_each]),
            np.concatenate([part.automatic for part in one_each]),
            np.concatenate([part.weights for part in one_each]),
            np.concatenate([part.moments for part in one_each]),
            np.concatenate([part.alphas for part in one_each]),
        )
        return joined.where(np.argsort(joined.moments, kind="stable"))

    def __len__(self) -> int:
        return len(self.rungs)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Evidence":
        """Those chosen, by mask or by index."""
        return Evidence(
            self.rungs[chosen],
            self.bad[chosen],
            self.automatic[chosen],
            self.weights[chosen],
            self.moments[chosen],
            self.alphas[chosen],
        )

    def after(self, moment: datetime | None) -> "Evidence":
        """The replies made later; all of them when there is no moment."""
        return self if moment is None else self.where(self.moments > moment.timestamp())

    def until(self, moment: datetime) -> "Evidence":
        """The replies made by then."""
        return self.where(self.moments <= moment.timestamp())

    def passing(self, rung: int) -> "Evidence":
        """The replies on this rung or a higher one."""
        return self.where(self.rungs >= rung)

    @property
    def count(self) -> Count:
        wrong = int(self.bad.sum())
        return Count(good=len(self) - wrong, bad=wrong)

    @property
    def told(self) -> str:
        """How many of them are bad, in words."""
        wrong, drafts = int(self.bad.sum()), int((~self.automatic).sum())
        if not drafts:
            return f"{wrong} of {len(self)} automatic replies judged bad"
        return f"{wrong} of {len(self)} replies judged bad, {drafts} of them as drafts"

    @property
    def shares(self) -> Floats:
        """The weights as shares of the largest one, in (0, 1]."""
        return self.weights / self.weights.max() if len(self) else self.weights

    def rests(self) -> NDArray[np.bool_]:
        """Of each rung, whether more replies on it are good than bad. Shape (TOP + 1,).

        A threshold on a rung that nothing is known of would be a guess, and one on a rung of bad
        replies would let the same replies pass again.
        """
        sides = np.where(self.bad, -1.0, 1.0)
        return np.bincount(self.rungs, sides, TOP + 1) > 0

    def passing_counts(self) -> tuple[Floats, Floats]:
        """Of each rung, the bad and all replies at or above it. Each (TOP + 1,).

        Counted by what they stand for, scaled so that all of them add up to how many there are.
        """
        scale = len(self) / self.weights.sum() if len(self) else 1.0
        bad = np.bincount(self.rungs, self.weights * self.bad * scale, TOP + 1)
        every = np.bincount(self.rungs, self.weights * scale, TOP + 1)
        return at_or_above(bad), at_or_above(every)


def at_or_above(by_rung: NDArray[Any]) -> Floats:
    """The sums over each rung and those above it, along the last axis."""
    return np.cumsum(by_rung[..., ::-1], axis=-1, dtype=np.float64)[..., ::-1]
