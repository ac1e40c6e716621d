"""Intervals of means and ratios: against scipy, by simulation, and withheld where not honest."""

import doctest
import math
from collections.abc import Iterable

import numpy as np
import pytest
from scipy import stats

from services.feedback.domain import intervals
from services.feedback.domain.intervals import Pairs, Sample, mean_of, ratio_of, t_95


def sample(figures: Iterable[float]) -> Sample:
    known = np.asarray(list(figures), dtype=float)
    return Sample(len(known), float(known.sum()), float((known**2).sum()))


def pairs(top: Iterable[float], bottom: Iterable[float]) -> Pairs:
    a, b = (np.asarray(list(some), dtype=float) for some in (top, bottom))
    sums = (a, b, a * a, b * b, a * b)
    return Pairs(len(a), *(float(some.sum()) for some in sums))


def test_the_examples_hold() -> None:
    found = doctest.testmod(intervals)
    assert (found.failed, found.attempted) == (0, 6)


@pytest.mark.parametrize("freedom", [*range(1, 41), 100, 1_000, 100_000])
def test_the_quantiles_of_t(freedom: int) -> None:
    assert t_95(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), abs=5e-4)


@pytest.mark.parametrize(
    "figures", [[1, 2], [5, 5, 3], [3, 1, 4, 1, 5, 9, 2, 6], [30_000.1] * 40 + [90_000.7] * 3]
)
def test_the_interval_of_a_mean_is_the_t_interval(figures: list[float]) -> None:
    found = mean_of(sample(figures))
    error = stats.sem(figures)
    low, high = stats.t.interval(0.95, len(figures) - 1, np.mean(figures), error)
    assert found.value == pytest.approx(np.mean(figures))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-3, abs=1e-3)
    assert found.count == len(figures)


@pytest.mark.parametrize("n", [3, 8, 40])
def test_19_of_20_intervals_of_a_mean_hold_the_true_one(n: int) -> None:
    drawn = np.random.default_rng(6).normal(10, 3, (4000, n))
    found = [mean_of(sample(figures)) for figures in drawn]
    held = np.mean([one.low <= 10 <= one.high for one in found])
    assert held == pytest.approx(0.95, abs=0.011)  # 3.2 standard errors


@pytest.mark.parametrize("n", [150, 600])
def test_19_of_20_intervals_of_a_ratio_hold_the_true_one(n: int) -> None:
    rng = np.random.default_rng(6)
    held = []
    for _ in range(3000):
        # Tokens of tickets of which six in ten are resolved, dearer when they are not.
        resolved = rng.random(n) < 0.6
        tokens = rng.gamma(4.0, 25.0, n) * np.where(resolved, 1.0, 2.0)
        found = ratio_of(pairs(tokens, resolved))
        if not math.isnan(found.low):
            held.append(found.low <= (60 + 80) / 0.6 <= found.high)
    assert len(held) > 2900
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("figures", [[7.0], [5.0, 5.0, 5.0], [0.1] * 1000, [0.0] * 50])
def test_one_case_or_cases_all_alike_have_no_interval(figures: list[float]) -> None:
    found = mean_of(sample(figures))
    assert found.value == pytest.approx(figures[0])
    assert (math.isnan(found.low), math.isnan(found.high)) == (True, True)
    assert found.count == len(figures)


def test_no_interval_goes_beyond_what_can_be() -> None:
    found = mean_of(sample([0.0, 0.0, 1.0]), 0.0, 1.0)
    assert (found.low, found.high) == (0.0, 1.0)
    assert mean_of(sample([0.0, 0.0, 1.0])).low < 0


def ratio(n: int, resolved_of_ten: int) -> Pairs:
    resolved = [number % 10 < resolved_of_ten for number in range(n)]
    return pairs([100 + number % 7 for number in range(n)], resolved)


@pytest.mark.parametrize(
    ("n", "resolved", "told"),
    [
        (30, 10, False),  # 30 tickets are too few.
        (31, 10, True),
        # Half of 100 are known to +-0.0503, which is just beyond a tenth of the half.
        (100, 5, False),
        (110, 5, True),
        (500, 1, False),
        (1000, 1, True),
    ],
)
def test_a_ratio_has_an_interval_only_where_it_is_an_honest_one(
    n: int, resolved: int, told: bool
) -> None:
    found = ratio_of(ratio(n, resolved))
    assert math.isnan(found.low) is not told
    assert math.isnan(found.high) is not told
    assert found.value == pytest.approx(10 / resolved * 103, rel=0.01)
    assert found.count == n


def test_a_ratio_over_nothing_is_unknown() -> None:
    for nothing in (Pairs(), pairs([1.0] * 50, [0.0] * 50)):
        assert math.isnan(ratio_of(nothing).value)
