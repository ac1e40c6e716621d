"""Whether recent messages differ from those the model was made for.

Four two-sample tests, each of the hypothesis that nothing changed, corrected for being four.
Messages are to be independent: one of a ticket, not all of its follow-ups.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from services.feedback.domain.learning.significance import holm

Floats = NDArray[np.float32]
Kind = Literal["embedding", "labels", "confidence", "out_of_scope"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MOST = 500
"""Messages compared of either window: a difference that takes more to be seen is not worth a
training."""
_TERMS = 100
_EXACTNESS = 1e-9


@dataclass(frozen=True, slots=True)
class Window:
    """Messages of some time, an entry each.

    vectors: float32 [messages, dimension] of one encoder; `intents` as the model said them, with
    its `confidences`; `outside` says which it held to be out of scope.
    """

    vectors: Floats
    intents: Sequence[str]
    confidences: Sequence[float]
    outside: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """One test: its statistic, its p-value, Holm's adjusted one, and whether that is significant.

    The statistic is the energy distance, the chi-square statistic, the largest distance of the
    distribution functions, or the difference of the rates (recent less earlier).
    """

    kind: Kind
    statistic: float
    chance: float
    adjusted: float
    significant: bool


@dataclass(frozen=True, slots=True)
class Drift:
    """All four findings."""

    findings: tuple[Finding, ...]

    @property
    def drifted(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.significant)


def drift(
    before: Window,
    recent: Window,
    rng: np.random.Generator,
    *,
    alpha: float = 0.01,
    permutations: int = 999,
) -> Drift:
    """Compares two windows; neither may be empty. If nothing changed, the chance that any test says
    so is at most `alpha`. `rng` draws the messages compared and the permutations, of which there
    must be more than 4 / alpha for all tests to be able to tell."""
    before, recent = _drawn(before, rng), _drawn(recent, rng)
    tests: dict[Kind, tuple[float, float]] = {
        "embedding": energy(before.vectors, recent.vectors, rng, permutations),
        "labels": label_mix(before.intents, recent.intents, rng, permutations),
        "confidence": kolmogorov_smirnov(before.confidences, recent.confidences),
        "out_of_scope": two_rates(before.outside, recent.outside),
    }
    adjusted = holm([chance for _, chance in tests.values()])
    return Drift(
        tuple(
            Finding(kind, statistic, chance, after, after <= alpha)
            for (kind, (statistic, chance)), after in zip(tests.items(), adjusted, strict=True)
        )
    )


def energy(
    before: Floats, recent: Floats, rng: np.random.Generator, permutations: int
) -> tuple[float, float]:
    """Energy distance of two samples of points and its permutation p-value.

    Szekely, G. J. and Rizzo, M. L. (2013), "Energy statistics: a class of statistics based on
    distances", Journal of Statistical Planning and Inference 143(8), 1249-1272: twice the mean
    distance between the samples less the mean distances within them. It is zero for equal
    distributions only, and needs no bandwidth, as the maximum mean discrepancy does.
    """
    points = np.concatenate([before, recent]).astype(np.float64)
    squares = (points**2).sum(axis=1)
    apart = np.sqrt(np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0.0))
    weights = np.repeat([1 / len(before), -1 / len(recent)], [len(before), len(recent)])
    shuffled = rng.permuted(np.tile(weights, (permutations, 1)), axis=1)
    seen = -float(weights @ apart @ weights)
    drawn = -np.einsum("pi,pi->p", shuffled @ apart, shuffled)
    return seen, _rank(seen, drawn)


def label_mix(
    before: Sequence[str], recent: Sequence[str], rng: np.random.Generator, permutations: int
) -> tuple[float, float]:
    """Pearson's chi-square statistic of the labels' counts and its permutation p-value, which,
    unlike that of the chi-square distribution, holds for rare labels too."""
    earlier, later = Counter(before), Counter(recent)
    names = sorted({*earlier, *later})
    totals = np.array([earlier[name] + later[name] for name in names])
    counts = np.array([later[name] for name in names])
    every = len(before) + len(recent)
    expected = totals * len(recent) / every
    # The earlier counts miss theirs by as much: both cells' squares over this are the statistic.
    scale = expected * len(before) / every
    drawn = rng.multivariate_hypergeometric(
        totals, len(recent), size=permutations, method="marginals"
    )
    seen = float(((counts - expected) ** 2 / scale).sum())
    return seen, _rank(seen, ((drawn - expected) ** 2 / scale).sum(axis=1))


def kolmogorov_smirnov(before: Sequence[float], recent: Sequence[float]) -> tuple[float, float]:
    """The largest distance of the two distribution functions and its p-value.

    The limiting distribution with the correction for small samples of Stephens, M. A. (1970), "Use
    of the Kolmogorov-Smirnov, Cramer-von Mises and related statistics without extensive tables",
    Journal of the Royal Statistical Society B 32(1), 115-122. Ties make it careful.
    """
    earlier, later = np.sort(before), np.sort(recent)
    values = np.concatenate([earlier, later])
    below = np.searchsorted(earlier, values, "right") / len(earlier)
    distance = float(
        np.abs(below - np.searchsorted(later, values, "right") / len(later)).max(initial=0.0)
    )
    root = math.sqrt(len(earlier) * len(later) / (len(earlier) + len(later)))
    scaled = (root + 0.12 + 0.11 / root) * distance
    if scaled < 0.2:  # there the series converges slowly, to 1
        return distance, 1.0
    terms = ((-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, _TERMS))
    return distance, min(1.0, max(0.0, 2 * math.fsum(terms)))


def two_rates(before: Sequence[bool], recent: Sequence[bool]) -> tuple[float, float]:
    """How much higher the recent rate is, and the p-value of Fisher's exact test, two-sided: the
    chance of all tables with these margins that are no likelier than this one."""
    earlier, later = sum(before), sum(recent)
    found, n, m = earlier + later, len(before), len(recent)
    possible = range(max(0, found - n), min(found, m) + 1)
    logs = {k: _ways(m, k) + _ways(n, found - k) - _ways(n + m, found) for k in possible}
    limit = logs[later] + _EXACTNESS
    chance = math.fsum(math.exp(log) for log in logs.values() if log <= limit)
    return later / m - earlier / n, min(1.0, chance)


def _ways(n: int, k: int) -> float:
    """Logarithm of the number of ways to choose `k` of `n`."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _rank(seen: float, drawn: NDArray[np.float64]) -> float:
    """The permutation p-value; what was seen is one of the permutations (Phipson and Smyth 2010).
    Equal ones may differ by rounding."""
    as_extreme = int((drawn >= seen - _EXACTNESS * max(1.0, abs(seen))).sum())
    return (1 + as_extreme) / (1 + len(drawn))


def _drawn(window: Window, rng: np.random.Generator) -> Window:
    count = len(window.intents)
    if count <= MOST:
        return window
    chosen = np.sort(rng.choice(count, MOST, replace=False)).tolist()
    return Window(
        window.vectors[chosen],
        [window.intents[i] for i in chosen],
        [window.confidences[i] for i in chosen],
        [window.outside[i] for i in chosen],
    )
