"""Exact bounds of a rate seen in counts, in plain Python.

Clopper, C. J. and Pearson, E. S. (1934), "The use of confidence or fiducial limits illustrated in
the case of the binomial", Biometrika 26(4), 404-413. Each bound here is one-sided.
"""

import math
from collections.abc import Callable

HALVINGS = 60
"""Halving [0, 1] this often leaves less than a double can tell apart."""


def at_most(k: int, n: int, p: float) -> float:
    """The probability of `k` or fewer of `n` at rate `p`."""
    return min(1.0, math.fsum(_exactly(i, n, p) for i in range(k + 1)))


def at_least(k: int, n: int, p: float) -> float:
    """The probability of `k` or more of `n` at rate `p`."""
    return min(1.0, math.fsum(_exactly(i, n, p) for i in range(k, n + 1)))


def upper_bound(k: int, n: int, delta: float) -> float:
    """With confidence `1 - delta` the true rate is at most this; 1 when nothing was seen."""
    if k >= n:
        return 1.0
    return _crossing(lambda p: at_most(k, n, p) > delta)


def lower_bound(k: int, n: int, delta: float) -> float:
    """With confidence `1 - delta` the true rate is at least this; 0 when nothing was seen."""
    if k <= 0:
        return 0.0
    return _crossing(lambda p: at_least(k, n, p) < delta)


def _exactly(k: int, n: int, p: float) -> float:
    if p <= 0.0:
        return 1.0 if k == 0 else 0.0
    if p >= 1.0:
        return 1.0 if k == n else 0.0
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(ways + k * math.log(p) + (n - k) * math.log1p(-p))


def _crossing(is_below: Callable[[float], bool]) -> float:
    """Where `is_below` turns from true to false, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if is_below(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2
