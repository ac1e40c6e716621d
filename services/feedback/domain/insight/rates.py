"""Whether a rate changed or a share is larger than another: exact tests on counts.

Two Poisson counts, given their sum, make a binomial one:

Przyborowski, J. and Wilenski, H. (1940), "Homogeneity of results in testing samples from Poisson
series", Biometrika 31(3/4), 313-323.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from services.feedback.domain.binomial import at_least, at_most, lower_bound, upper_bound

DELTA = 0.025
"""On either side of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Change:
    """A count in `days` against one in `days_before`."""

    count: int
    count_before: int
    days: float
    days_before: float

    @property
    def ratio(self) -> float:
        """Rate a day against that before: infinite where there was nothing before."""
        if not self.count_before:
            return math.inf if self.count else math.nan
        return (self.count / self.days) / (self.count_before / self.days_before)

    @property
    def grew(self) -> bool:
        return self.count * self.days_before > self.count_before * self.days

    @property
    def expected(self) -> float:
        """The count of this period at the rate of the one before."""
        return self.count_before * self.days / self.days_before

    @property
    def p_value(self) -> float:
        """How likely at least so uneven counts are when the rate is the same.

        The exact conditional test, two-sided as twice the smaller tail (central, as in Fay, M. P.
        (2010), "Two-sided exact tests and matching confidence intervals for discrete data", The R
        Journal 2(1), 53-58), so that it never contradicts `interval`.
        """
        n, share = self.count + self.count_before, self.days / (self.days + self.days_before)
        if not n:
            return 1.0
        return min(1.0, 2 * min(at_most(self.count, n, share), at_least(self.count, n, share)))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the ratio, from the exact one of the binomial share."""
        n, scale = self.count + self.count_before, self.days_before / self.days
        low = lower_bound(self.count, n, DELTA)
        high = upper_bound(self.count, n, DELTA)
        return low / (1 - low) * scale, high / (1 - high) * scale if high < 1 else math.inf


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Each p-value as the least false discovery rate at which it counts, in the order given.

    Benjamini, Y. and Hochberg, Y. (1995), "Controlling the false discovery rate", Journal of the
    Royal Statistical Society B 57(1), 289-300.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    found = [1.0] * len(p_values)
    least = 1.0
    for passed, place in enumerate(order):
        least = min(least, p_values[place] * len(p_values) / (len(p_values) - passed))
        found[place] = least
    return found


def larger_share(part: int, whole: int, other_part: int, other_whole: int) -> float:
    """The p-value of `part` of `whole` being no larger a share than that of the others.

    Fisher, R. A. (1935), "The Design of Experiments", chapter 2: given all sums, `part` is
    hypergeometric.
    """
    parts, all_of_them = part + other_part, whole + other_whole
    ways = _log_choose(all_of_them, parts)
    most = min(whole, parts)
    return min(
        1.0,
        math.fsum(
            math.exp(
                _log_choose(whole, hit) + _log_choose(other_whole, parts - hit) - ways,
            )
            for hit in range(max(part, parts - other_whole), most + 1)
        ),
    )


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
