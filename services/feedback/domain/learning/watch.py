"""Whether a promoted model does worse than the one before, looked at as often as one likes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from services.feedback.domain.binomial import lower_bound

Measure = Literal["acceptance", "verified_resolution", "labels"]
"""Drafts that agents accept, automatic replies that prove good, and messages that agents label as
the model did: of a model that reads nothing right, nothing is drafted or answered."""

_GRID = 200
"""Rates mixed over: 200 steps from nothing to the rate before."""
_MOST = 700.0


@dataclass(frozen=True, slots=True)
class Tally:
    """Judged outcomes of replies. Only those whose time to be judged is over: complaints come
    sooner than a resolution is verified, and would make every new model look bad at first."""

    good: int
    bad: int

    @property
    def judged(self) -> int:
        return self.good + self.bad

    @property
    def rate(self) -> float:
        """Share of good; NaN when nothing was judged."""
        return self.good / self.judged if self.judged else math.nan


@dataclass(frozen=True, slots=True)
class Watch:
    """With chance `delta` at most, a model that is no worse is ever rolled back, over all looks and
    measures together. A fall of up to `margin` below the rate before is let pass."""

    delta: float = 0.05
    margin: float = 0.02


@dataclass(frozen=True, slots=True)
class Watched:
    """One measure. `least` is the rate the model is held to, `evidence` how many times likelier
    what was seen is if it does worse; from `needed` on it is rolled back."""

    measure: Measure
    before: Tally
    live: Tally
    least: float
    evidence: float
    needed: float

    @property
    def falls(self) -> bool:
        return self.evidence >= self.needed

    def __str__(self) -> str:
        return (
            f"{self.measure}: {self.live.good} of {self.live.judged} good, before "
            f"{self.before.good} of {self.before.judged}, at least {self.least:.3f} wanted; "
            f"evidence of a fall {self.evidence:.3g}, {self.needed:.3g} needed"
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to roll back, and all figures it was made from."""

    roll_back: bool
    figures: tuple[Watched, ...]

    @property
    def reason(self) -> str:
        """What fell, in words; empty when nothing did."""
        return "; ".join(str(one) for one in self.figures if one.falls)


def decide(
    before: Mapping[Measure, Tally], live: Mapping[Measure, Tally], watch: Watch
) -> Decision:
    """To be asked after every batch of new outcomes; `live` counts all since the promotion, and
    only ever grows. A measure without outcomes before is not watched: there is nothing to fall
    from.

    `delta` is shared by the measures, and within each by two ways to err: half is the chance that
    the true rate before lies below its exact lower bound, half that of the sequential test.
    """
    watched = sorted(measure for measure, tally in before.items() if tally.judged)
    figures = []
    for measure in watched:
        share = watch.delta / (2 * len(watched))
        tally = before[measure]
        least = max(0.0, _at_least(tally, share) - watch.margin)
        seen = live.get(measure, Tally(0, 0))
        figures.append(Watched(measure, tally, seen, least, evidence(seen, least), 1 / share))
    return Decision(any(one.falls for one in figures), tuple(figures))


def evidence(live: Tally, least: float) -> float:
    """The likelihood ratio of what was seen, mixed over all rates below `least`, against `least`.

    A mixture sequential probability ratio test (Robbins, H. (1970), "Statistical methods related to
    the law of the iterated logarithm", Annals of Mathematical Statistics 41(5), 1397-1409). At any
    true rate from `least` on it is a supermartingale that starts at 1: by Ville's inequality the
    chance that it ever reaches 1 / x is at most x, however often one looks. The mixture is uniform
    over the rates in the middle of 200 equal steps from 0 to `least`.
    """
    if least <= 0.0 or not live.judged:
        return 1.0
    worse = least * (np.arange(_GRID) + 0.5) / _GRID
    logs = live.good * (np.log(worse) - math.log(least)) + live.bad * (
        np.log1p(-worse) - math.log1p(-least)
    )
    # What is larger than any use of it is not worth an overflow.
    return math.exp(min(_MOST, float(np.logaddexp.reduce(logs)) - math.log(_GRID)))


@lru_cache(maxsize=16)
def _at_least(before: Tally, delta: float) -> float:
    """The exact lower bound of the rate before: asked again at every look, and slow."""
    return lower_bound(before.good, before.judged, delta)
