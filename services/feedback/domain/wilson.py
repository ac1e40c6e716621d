"""A share of a count, with how sure it is."""

import math
from dataclasses import dataclass

Z_95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution: 95 % between minus and plus."""


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`, with its 95 % interval. Without any whole nothing is known."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        """The share seen; NaN when there was nothing to see."""
        return self.part / self.whole if self.whole else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % score interval of the true share; 0 to 1 when there was nothing to see."""
        if not self.whole:
            return 0.0, 1.0
        return score_interval(self.part / self.whole, self.whole)


def score_interval(share: float, n: int) -> tuple[float, float]:
    """The 95 % score interval around a share seen among `n` > 0.

    Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22(158), 209-212.
    """
    z2 = Z_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
