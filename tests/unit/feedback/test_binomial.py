"""The exact bounds against published and independently computed values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from services.feedback.domain.binomial import at_least, at_most, lower_bound, upper_bound


# Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 5.
@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0, 0.1684),
        (1, 29, 9e-4, 0.1776),
    ],
)
def test_published_intervals(k: int, n: int, low: float, high: float) -> None:
    assert lower_bound(k, n, 0.025) == pytest.approx(low, abs=6e-5)
    assert upper_bound(k, n, 0.025) == pytest.approx(high, abs=6e-5)


def test_three_bad_of_three() -> None:
    assert lower_bound(3, 3, 0.1) == pytest.approx(0.1 ** (1 / 3))
    assert upper_bound(3, 3, 0.1) == 1.0


def test_nothing_seen_proves_nothing() -> None:
    assert (lower_bound(0, 0, 0.1), upper_bound(0, 0, 0.1)) == (0.0, 1.0)


@given(st.integers(1, 600), st.floats(0, 1), st.floats(0.001, 0.5))
def test_the_bounds_are_beta_quantiles(n: int, share: float, delta: float) -> None:
    k = round(n * share)
    if k < n:
        assert upper_bound(k, n, delta) == pytest.approx(beta.ppf(1 - delta, k + 1, n - k))
    if k > 0:
        expected = beta.ppf(delta, k, n - k + 1)
        assert lower_bound(k, n, delta) == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 300), st.integers(0, 300), st.floats(0, 1))
def test_the_tails_share_one_point(k: int, more: int, p: float) -> None:
    n = k + more
    both = at_most(k, n, p) + at_least(k + 1, n, p)
    assert both == pytest.approx(1.0)
