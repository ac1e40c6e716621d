"""95 % intervals of means and of ratios, from sums that a database can make.

Where too little is known for an honest interval there is none: both ends are NaN, the count stays.
"""

import math
from dataclasses import dataclass

from services.feedback.domain.quality import Estimate
from services.feedback.domain.wilson import Z_95

T_95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""The 97.5 % quantiles of Student's t with 1 to 9 degrees of freedom (NIST/SEMATECH e-Handbook of
Statistical Methods, section 1.3.6.7.2)."""

ENOUGH_FOR_RATIO = 31
"""A ratio of sums of fewer cases has no interval (Cochran, W. G. (1977), "Sampling Techniques",
3rd ed., section 6.3, asks for more than 30)."""
STEADY_BOTTOM = 0.1
"""Nor has one whose bottom is known to no better than so many times itself: up to here the bias of
the ratio is at most a tenth of its standard error (Hartley, H. O. and Ross, A. (1954), "Unbiased
ratio estimators", Nature 174, 270-271)."""
ROUNDING = 1e-12
"""A variance below so much of the mean square is what rounding left of none."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A figure of `count` cases: their `total`, and that of their squares."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two figures of each of `count` cases: their totals, those of the squares, and of the products
    of the two."""

    count: int = 0
    top: float = 0.0
    bottom: float = 0.0
    top_squares: float = 0.0
    bottom_squares: float = 0.0
    products: float = 0.0


def mean_of(sample: Sample, low: float = -math.inf, high: float = math.inf) -> Estimate:
    """The mean with its t interval, which ends where the figure itself cannot go on.

    Exact for figures that are normal, and close for others once there are some dozens. Cases that
    are all alike have no interval: how much they may differ has not been seen.

    Student (1908), "The probable error of a mean", Biometrika 6(1), 1-25.

    >>> found = mean_of(Sample(3, 15.0, 101.0))  # 2, 4 and 9: 5 +- 4.303 * sqrt(13 / 3)
    >>> found.value, round(found.low, 2), round(found.high, 2)
    (5.0, -3.96, 13.96)
    >>> mean_of(Sample(3, 15.0, 75.0))  # 5, 5 and 5
    Estimate(value=5.0, low=nan, high=nan, count=3)
    """
    n = sample.count
    if not n:
        return Estimate(math.nan, math.nan, math.nan, 0)
    mean = sample.total / n
    spread = sample.squares - n * mean**2
    error = math.sqrt(_over(spread, n - 1) / n)
    return _around(Estimate(mean, low, high, n), error, sample.squares / n)


def ratio_of(pairs: Pairs, low: float = 0.0, high: float = math.inf) -> Estimate:
    """The top total over the bottom total with its interval by the delta method.

    The variance is that of the cases' residuals, top minus ratio times bottom, over the square of
    the bottom (Cochran (1977), section 2.11); `ENOUGH_FOR_RATIO` and `STEADY_BOTTOM` say when that
    is good enough to be told.

    >>> found = ratio_of(Pairs(100, 150.0, 100.0, 325.0, 110.0, 155.0))
    >>> [round(figure, 4) for figure in (found.value, found.low, found.high)]
    [1.5, 1.2932, 1.7068]
    """
    n = pairs.count
    if not n or not pairs.bottom:
        return Estimate(math.nan, math.nan, math.nan, n)
    ratio = pairs.top / pairs.bottom
    if n < ENOUGH_FOR_RATIO or _variation(pairs) > STEADY_BOTTOM:
        return Estimate(ratio, math.nan, math.nan, n)
    residuals = pairs.top_squares - 2 * ratio * pairs.products + ratio**2 * pairs.bottom_squares
    error = math.sqrt(_over(residuals, n - 1) * n) / abs(pairs.bottom)
    size = (pairs.top_squares + ratio**2 * pairs.bottom_squares) * n / pairs.bottom**2
    return _around(Estimate(ratio, low, high, n), error, size)


def t_95(freedom: int) -> float:
    """The 97.5 % quantile of Student's t with so many degrees of freedom, from 1 on.

    From 10 on by its expansion around the normal one, right to 0.0002 (Abramowitz, M. and Stegun,
    I. A. (1964), "Handbook of Mathematical Functions", 26.7.5).

    >>> t_95(2), round(t_95(30), 3)
    (4.303, 2.042)
    """
    if freedom <= len(T_95):
        return T_95[freedom - 1]
    x = Z_95
    terms = (
        x,
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
    )
    return math.fsum(term / freedom**power for power, term in enumerate(terms))


def _around(within: Estimate, error: float, size: float) -> Estimate:
    """The value with its interval, within the ends it has; `size` is a mean square, to tell by what
    is but rounding."""
    value, n = within.value, within.count
    if n < 2 or error**2 * n <= ROUNDING * size:
        return Estimate(value, math.nan, math.nan, n)
    half = t_95(n - 1) * error
    return Estimate(value, max(within.low, value - half), min(within.high, value + half), n)


def _variation(pairs: Pairs) -> float:
    """The standard error of the bottom's mean, in parts of that mean."""
    n, mean = pairs.count, pairs.bottom / pairs.count
    return math.sqrt(_over(pairs.bottom_squares - n * mean**2, n - 1) / n) / abs(mean)


def _over(spread: float, freedom: int) -> float:
    """A variance; what rounding left below zero is zero."""
    return max(0.0, spread) / freedom if freedom > 0 else 0.0
