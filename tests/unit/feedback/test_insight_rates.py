"""The exact tests against numbers worked by hand and against SciPy."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control, fisher_exact

from services.feedback.domain.insight.rates import Change, adjusted, larger_share


def test_nine_against_three_in_as_many_days_may_be_chance() -> None:
    # Of 12 the larger week has 9 or more by chance in (220 + 66 + 12 + 1) / 4096, on either side.
    change = Change(9, 3, 7, 7)
    assert change.ratio == pytest.approx(3)
    assert change.grew
    assert change.p_value == pytest.approx(2 * 299 / 4096)


def test_days_count_not_only_messages() -> None:
    # Four in one week and none in the two before: (1/3)^4 if nothing changed.
    change = Change(4, 0, 7, 14)
    assert change.p_value == pytest.approx(2 / 81)
    assert change.ratio == math.inf
    assert Change(4, 8, 7, 14).ratio == pytest.approx(1)
    assert Change(4, 8, 7, 14).expected == pytest.approx(4)


def test_fewer_is_found_as_more_is() -> None:
    assert Change(3, 9, 7, 7).p_value == pytest.approx(Change(9, 3, 7, 7).p_value)
    assert not Change(3, 9, 7, 7).grew


def test_nothing_at_all_is_no_change() -> None:
    assert Change(0, 0, 7, 7).p_value == 1


def test_the_interval_of_a_ratio() -> None:
    low, high = binomtest(30, 40, 0.5).proportion_ci(method="exact")
    expected = low / (1 - low), high / (1 - high)
    assert Change(30, 10, 7, 7).interval == pytest.approx(expected)
    assert Change(5, 0, 7, 7).interval[1] == math.inf


@given(st.integers(0, 80), st.integers(0, 80), st.sampled_from([(7, 7), (7, 14), (30, 12)]))
def test_interval_and_test_never_contradict(now: int, before: int, days: tuple[int, int]) -> None:
    change = Change(now, before, *days)
    if now + before:
        low, high = change.interval
        outside = not low - 1e-9 <= 1 <= high + 1e-9
        assert outside == (change.p_value < 0.05) or change.p_value == pytest.approx(0.05)


def test_benjamini_and_hochberg_by_hand() -> None:
    # Sorted: .005 * 4/1, .01 * 4/2, .03 * 4/3, .04 * 4/4; none above the one after it.
    assert adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert adjusted([]) == []


@given(st.lists(st.floats(1e-9, 1), min_size=1, max_size=30))
def test_benjamini_and_hochberg_as_scipy(p_values: list[float]) -> None:
    assert adjusted(p_values) == pytest.approx(list(false_discovery_control(p_values)))


def test_the_lady_tasting_tea() -> None:
    # Three of four cups right: 16 + 1 of 70 ways.
    assert larger_share(3, 4, 1, 4) == pytest.approx(17 / 70)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_shares_as_scipy(part: int, rest: int, other_part: int, other_rest: int) -> None:
    table = [[part, rest], [other_part, other_rest]]
    expected = fisher_exact(table, alternative="greater").pvalue
    found = larger_share(part, part + rest, other_part, other_part + other_rest)
    assert found == pytest.approx(expected, abs=1e-9)
