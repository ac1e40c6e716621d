"""When tickets were sent and answered, and what follows from it, on hand-worked cases."""

import math

import numpy as np
import pytest

from tests.bench.passage import Passage, paced
from tests.bench.trend import trend

NAN = math.nan


def test_a_burst_is_over_when_the_last_ticket_that_waited_too_long_is_answered() -> None:
    # Ages 1, 6, 8 and 2: those over 5 s were answered at 7 and 10.
    passage = Passage(np.array([0.0, 1.0, 2.0, 9.0]), np.array([1.0, 7.0, 10.0, 11.0]))
    assert passage.young_again(5.0) == 10.0
    assert passage.young_again(20.0) == -math.inf
    assert passage.ages.tolist() == [1.0, 6.0, 8.0, 2.0]


def test_what_was_never_answered_is_lost_and_stays_old() -> None:
    passage = Passage(np.array([0.0, 1.0]), np.array([1.0, NAN]))
    assert passage.lost == 1
    assert passage.young_again(5.0) == math.inf
    assert passage.ages.tolist() == [1.0]


def test_a_dead_letter_is_a_terminal_state_too() -> None:
    assert Passage(np.array([0.0, 1.0]), np.array([1.0, NAN]), dead_letters=1).lost == 0


def test_the_oldest_is_the_first_sent_of_those_that_wait() -> None:
    passage = Passage(np.array([0.0, 1.0, 4.0]), np.array([2.0, 8.0, 5.0]))
    assert passage.oldest_at(1.5) == 1.5
    assert passage.oldest_at(6.0) == 5.0
    assert passage.oldest_at(9.0) == 0.0
    assert Passage(np.array([0.0]), np.array([NAN])).oldest_at(30.0) == 30.0


def test_responses_are_counted_in_their_stretch() -> None:
    passage = Passage(np.zeros(4), np.array([1.0, 2.0, 3.0, 9.0]))
    assert passage.per_second(2.0, 4.0) == 1.0


def test_tickets_are_sent_evenly_in_each_stretch() -> None:
    # 2 a second for 1 s, then 4 a second for half a second.
    assert list(paced([(2.0, 1.0), (4.0, 0.5)])) == [0.0, 0.5, 1.0, 1.25]


def test_growth_is_found_and_its_interval_tells_it_from_noise() -> None:
    at = np.arange(200.0)
    noise = np.random.default_rng(5).normal(0, 1, 200)
    growing, steady = trend(at, 100 + 0.1 * at + noise), trend(at, 100 + noise)
    assert growing.low < 0.1 < growing.high
    assert not growing.may_be_flat
    assert steady.low < 0 < steady.high
    assert steady.may_be_flat


def test_a_line_without_noise_is_its_own_trend() -> None:
    found = trend(np.arange(20.0), 3 + 2 * np.arange(20.0))
    assert found.slope == pytest.approx(2.0)
    assert (found.low, found.high) == pytest.approx((2.0, 2.0))


def test_shrinking_is_no_growth() -> None:
    assert trend(np.arange(20.0), -np.arange(20.0)).may_be_flat


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    # Neighbours that resemble each other, as memory does. What of that is left between blocks
    # costs a little of the 0.95; looked at one by one, the interval would hold in 0.6 of the runs.
    random = np.random.default_rng(6)
    at, held = np.arange(400.0), 0
    for _ in range(400):
        noise = np.convolve(random.normal(0, 1, 404), np.ones(5) / 5, "valid")
        found = trend(at, 0.01 * at + noise)
        held += found.low <= 0.01 <= found.high
    assert held / 400 > 0.9


def test_too_few_measurements_are_no_trend() -> None:
    with pytest.raises(ValueError, match="too few"):
        trend([1.0, 2.0], [1.0, 2.0])
