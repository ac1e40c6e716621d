"""The quality figures against hand-worked and published values."""

import doctest
import math
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.domain import definitions
from services.feedback.domain.definitions import Quality
from services.feedback.domain.edit_distance import edit_distance
from services.feedback.domain.quality import (
    Contacts,
    Group,
    Share,
    bucket_of,
    by_value,
    quantile,
)


# Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3.
@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_as_published(part: int, whole: int, low: float, high: float) -> None:
    found = Share(part, whole).interval
    assert found == pytest.approx((low, high), abs=6e-5)


def test_of_nothing_nothing_is_known() -> None:
    assert Share(0, 0).interval == (0.0, 1.0)
    assert math.isnan(Share(0, 0).value)
    nothing = Quality(())
    for mean in (nothing.satisfaction, nothing.edit_distance, nothing.contact_rate):
        assert math.isnan(mean)
    assert math.isnan(nothing.tokens_per_resolved)
    for estimate in (nothing.mean_rating, nothing.mean_edited, nothing.mean_contacts):
        assert estimate.count == 0
        assert math.isnan(estimate.low)
        assert math.isnan(estimate.high)
    assert nothing.first_response(0.5).count == 0


def test_the_examples_of_the_definitions_hold() -> None:
    found = doctest.testmod(definitions)
    assert (found.failed, found.attempted) == (0, 22)


def test_silence_lowers_verified_resolution_and_early_silence_does_not() -> None:
    good = Group("refund", "answer", "good", 8)
    silent, pending = (
        Group("refund", "answer", "unknown", 12, settled=settled) for settled in (True, False)
    )
    assert Quality((good,)).verified == Share(8, 8)
    assert Quality((good, silent)).verified == Share(8, 20)
    assert Quality((good, pending)).verified == Share(8, 8)
    # A question cannot resolve anything, whatever is said of it; nor can a draft.
    assert Quality((good, Group("refund", "ask", "good", 5))).verified == Share(8, 8)
    assert Quality((good, Group("refund", "draft", "good", 5))).verified == Share(8, 8)


def test_the_intervals_of_means_stay_within_what_can_be() -> None:
    rated = Group("refund", "answer", "good", 3, ratings=3, stars=13, stars_squared=59)
    edited = Group(
        "refund", "draft", "good", 2, compared=2, edit_distance=1.1, edit_distance_squared=1.01
    )
    quality = Quality((rated, edited), Contacts(customers=2, contacts=3, contacts_squared=5))
    # Stars of 5, 5 and 3; one draft changed wholly and one by a tenth; one wrote once, one twice.
    rating, changed, wrote = quality.mean_rating, quality.mean_edited, quality.mean_contacts
    assert [rating.low, rating.high] == pytest.approx([1.4645, 5], abs=1e-3)
    assert [changed.low, changed.high] == [0, 1]
    assert [wrote.low, wrote.high] == pytest.approx([1, 7.853])
    assert [quality.satisfaction, quality.contact_rate] == pytest.approx([13 / 3, 1.5])


def test_values_come_the_most_frequent_first() -> None:
    groups = [
        Group("refund", "answer", "good", 2),
        Group("transfer", "escalate", "unknown", 4),
        Group("refund", "draft", "good", 1),
    ]
    found = by_value(groups)
    assert list(found) == ["transfer", "refund"]
    assert Quality(found["refund"]).automation == Share(2, 3)


def test_times_are_told_to_a_twentieth_with_their_interval() -> None:
    # 1 to 1000 seconds: the median is 500 s, the 95th percentile 950 s.
    buckets: dict[int, int] = {}
    for seconds in range(1, 1001):
        bucket = bucket_of(seconds * 1000)
        buckets[bucket] = buckets.get(bucket, 0) + 1
    median, most = quantile(buckets, 0.5), quantile(buckets, 0.95)
    assert (median.value, most.value) == pytest.approx((500_000, 950_000), rel=0.05)
    assert median.count == 1000
    # Wilson's interval of 500 of 1000 is 0.4691 to 0.5309.
    assert (median.low, median.high) == pytest.approx((469_100, 530_900), rel=0.05)


def test_no_time_at_all_is_a_time() -> None:
    assert quantile({bucket_of(0.0): 3}, 0.5).value == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize(
    ("draft", "final", "expected"),
    [
        ("kitten", "sitting", 3 / 7),
        ("", "", 0),
        ("", "abc", 1),
        ("abc", "", 1),
        ("same", "same", 0),
        ("您好,退款已办理。", "您好,退款未办理。", 1 / 9),
        ("Saturday", "Sunday", 3 / 8),
    ],
)
def test_edit_distances_by_hand(draft: str, final: str, expected: float) -> None:
    assert edit_distance(draft, final) == pytest.approx(expected)


@given(st.text("abc", max_size=80), st.text("abc", max_size=80))
def test_the_edit_distance_is_that_of_its_textbook_recursion(first: str, second: str) -> None:
    @cache
    def plain(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        changed = plain(i - 1, j - 1) + (first[i - 1] != second[j - 1])
        return min(changed, plain(i - 1, j) + 1, plain(i, j - 1) + 1)

    longer = max(len(first), len(second)) or 1
    assert edit_distance(first, second) == plain(len(first), len(second)) / longer
