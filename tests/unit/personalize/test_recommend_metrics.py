"""Figures of lists against values worked out by hand."""

import math

import numpy as np
import pytest

from services.personalize.recommender import metrics

TARGETS = np.array([[7, 8], [1, 2], [5, 6]])
LISTS = np.array([[7, 0, 8], [0, 3, 1], [0, 1, -1]])


def test_a_hit_is_a_place_that_holds_a_target() -> None:
    found = metrics.hits(LISTS, TARGETS)
    assert found.tolist() == [[True, False, True], [False, False, True], [False, False, False]]
    assert metrics.hit_rate(found, 2).tolist() == [1, 0, 0]
    assert metrics.hit_rate(found, 3).tolist() == [1, 1, 0]


def test_recall_is_of_as_many_targets_as_fit() -> None:
    found = metrics.hits(LISTS, TARGETS)
    assert metrics.recall(found, 3, 2).tolist() == [1, 0.5, 0]
    assert metrics.recall(found, 1, 2).tolist() == [1, 0, 0]


def test_ndcg_weighs_a_hit_by_its_place() -> None:
    found = metrics.hits(LISTS, TARGETS)
    ideal = 1 + 1 / math.log2(3)
    expected = [(1 + 0.5) / ideal, 0.5 / ideal, 0]
    assert metrics.ndcg(found, 3, 2).tolist() == pytest.approx(expected)
    assert metrics.ndcg(found, 10, 2).tolist() == pytest.approx(expected)
    # With one place there is one target to reach.
    assert metrics.ndcg(found, 1, 2).tolist() == pytest.approx([1, 0, 0])


def test_coverage_counts_items_once_and_empty_places_not() -> None:
    assert metrics.coverage(LISTS, 3, 10) == 0.5
    assert metrics.coverage(LISTS, 1, 10) == 0.2


def test_the_interval_holds_the_mean_and_is_the_same_for_a_seed() -> None:
    values = np.random.default_rng(0).random(400)
    low, high = metrics.interval(values, 1)
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.15)
    assert metrics.interval(values, 1) == (low, high)
