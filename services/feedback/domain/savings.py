"""Where people's time goes, and so what would save most. `definitions` says what that means."""

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from services.feedback.domain.quality import Estimate, quantile

ENOUGH_FOR_MEDIAN = 6
"""From so many times on, the shortest and the longest enclose the true median with 95 %: each is
beyond it with probability 1/2, so that they fail to with 2 / 2^6 (Conover (1999), section 3.2)."""


@dataclass(frozen=True, slots=True)
class Waits:
    """The replies of an intent, and those of them that waited for a person.

    `reasons` counts the typed codes of the latter, one of which may have several; `times` those
    whose end is known, by the bucket of their milliseconds.
    """

    intent: str
    replies: int
    waited: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    times: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saving:
    """What people's time an intent takes, and thus could save at most.

    `known` is the median of its own waits in milliseconds, `each` the one it is reckoned with:
    where it is `borrowed`, that of all intents. It is NaN while nobody knows any. `share` is that
    of the intent in all people's time.
    """

    waits: Waits
    known: Estimate
    each: Estimate
    borrowed: bool
    share: float

    @property
    def reason(self) -> str | None:
        """The code that most of those that waited have; the first by name of several."""
        reasons = self.waits.reasons
        return min(reasons, key=lambda code: (-reasons[code], code), default=None)


def most_saving(intents: Collection[Waits]) -> tuple[Saving, ...]:
    """The intents that any reply waited of, the one that takes the most of people's time first.

    While no time is known at all, every reply counts the same.
    """
    everyone = _median(intents)
    found = [_saving(one, everyone) for one in intents if one.waited]
    total = math.fsum(_taken(one) for one in found)
    shared = [replace(one, share=_taken(one) / total) for one in found]
    return tuple(sorted(shared, key=lambda one: (-one.share, one.waits.intent)))


def _median(intents: Collection[Waits]) -> Estimate:
    times: Counter[int] = Counter()
    for one in intents:
        times.update(one.times)
    return quantile(times, 0.5)


def _saving(waits: Waits, everyone: Estimate) -> Saving:
    known = quantile(waits.times, 0.5)
    borrowed = known.count < ENOUGH_FOR_MEDIAN
    return Saving(waits, known, everyone if borrowed else known, borrowed, math.nan)


def _taken(one: Saving) -> float:
    """Milliseconds, or replies while no time is known."""
    return one.waits.waited * (1.0 if math.isnan(one.each.value) else one.each.value)
