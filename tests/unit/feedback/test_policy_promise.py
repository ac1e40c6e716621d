"""Bets against the promise: worked by hand, and looked at again and again where it is not kept."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from services.feedback.domain.evidence import Evidence, first_rung, rung_of
from services.feedback.domain.policy import Observation, Policy, Promise
from services.feedback.domain.promise import contradicted, log_proof, upper_bound
from services.feedback.domain.selection import select

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def replies(bad: Sequence[bool], confidence: float = 0.6, weight: float = 1.0) -> list[Observation]:
    return [
        Observation(confidence, one, at=NOW + timedelta(seconds=number), weight=weight)
        for number, one in enumerate(bad)
    ]


def evidence(bad: Sequence[bool] | NDArray[np.bool_], alpha: float = 0.1) -> Evidence:
    return Evidence.of(replies([bool(one) for one in bad]), alpha)


def test_confidences_stand_on_the_rung_they_reach() -> None:
    assert [rung_of(c) for c in (0.0, 0.29, 0.5499, 0.55, 1.0)] == [0, 29, 54, 55, 100]
    assert [first_rung(t) for t in (0.0, 0.29, 0.5499, 0.55, 1.0)] == [0, 29, 55, 55, 100]


def test_the_wealth_worked_by_hand() -> None:
    # A good reply wins h / 9 of the wealth, a bad one loses h; h is 0.5 in the mean.
    assert math.exp(log_proof(evidence([False]), 0.1)[60]) == pytest.approx(1 + 0.5 / 9)
    assert math.exp(log_proof(evidence([True]), 0.1)[60]) == pytest.approx(0.5)
    assert log_proof(evidence([True]), 0.1)[61] == pytest.approx(0)
    # Half as often judged: staked half as much beside a reply of full weight.
    both = Evidence.of(replies([False]) + replies([True], 0.8, weight=0.5), 0.1)
    assert math.exp(log_proof(both, 0.1)[80]) == pytest.approx(1 - 0.5 * 0.5)


@pytest.mark.parametrize(("bad", "expected"), [(1, False), (2, True)])
def test_two_bad_of_two_contradict_one_in_ten(bad: int, expected: bool) -> None:
    # Stakes of 0.1, 0.2, 0.4 and 0.8 win 0.9, 1.8, 3.6 and 7.2 times the wealth with each bad
    # reply: 4.4 after one, 25 after two, and 10 is what it takes.
    assert contradicted(evidence([True] * bad), 0.1) is expected


def test_the_bound_is_the_smallest_rate_that_is_refuted() -> None:
    seen = evidence([True] + [False] * 99)
    bound = upper_bound(seen, 0.1)
    assert log_proof(seen, bound + 0.001)[0] > math.log(10) > log_proof(seen, bound - 0.001)[0]
    # Dearer than the bound for one look, 0.0383 (Clopper and Pearson 1934), but not twice as dear.
    assert 0.0383 < bound < 0.0766
    assert upper_bound(evidence([]), 0.1) == 1.0


def test_looked_at_all_the_time_a_rate_just_beyond_is_seldom_taken_for_less() -> None:
    """300 streams of 1200 replies, wrong at exactly alpha, with a look after every 30th.

    An exact binomial test at each look, as if it were the only one, errs in far more than delta.
    """
    draw = np.random.default_rng(1)
    looks = np.arange(30, 1_201, 30)
    wrongly = naively = 0
    for _ in range(300):
        bad = draw.random(1_200) < 0.1
        whole = evidence(bad)
        wealths = [log_proof(whole.where(np.arange(look)), 0.1)[0] for look in looks]
        wrongly += max(wealths) >= math.log(10)
        naively += bool((binom.cdf(np.cumsum(bad)[looks - 1], looks, 0.1) <= 0.1).any())
    assert wrongly <= 0.1 * 300
    assert naively > 2 * 0.1 * 300


def test_looked_at_all_the_time_a_promise_that_is_kept_is_seldom_contradicted() -> None:
    """At exactly alpha the bound is nearly reached, so chance gets its margin: 1 in 1000."""
    draw = np.random.default_rng(2)
    streams = (draw.random(1_000) < 0.1 for _ in range(200))
    assert sum(contradicted(evidence(bad), 0.1) for bad in streams) <= binom.ppf(0.999, 200, 0.1)


def test_where_the_first_step_down_breaks_the_promise_it_is_seldom_taken() -> None:
    """200 worlds where one in 20 is wrong above the start, and from just below on one in ten.

    Each of 20 looks lets the tuner lower the threshold. Half of a large delta is spent on the first
    period and half of that on the start, so in one world of eight at most it may.
    """
    promise = Promise(alpha=0.1, delta=0.5, default_threshold=0.55, intents=1)
    draw = np.random.default_rng(3)
    taken = 0
    for _ in range(200):
        above = draw.random(800) < 0.7
        whole = Evidence(
            rungs=np.where(above, 80, 54),
            bad=draw.random(800) < np.where(above, 0.05, 0.22),
            automatic=above,
            weights=np.ones(800),
            moments=np.arange(800.0),
            alphas=np.full(800, 0.1),
        )
        policy = Policy(0, 0.55)
        for look in range(40, 801, 40):
            tuned = select({"refund": whole.where(np.arange(look))}, policy, promise, NOW)
            policy = tuned.policy(policy.version + 1)
            if policy.threshold("refund") != 0.55:
                taken += policy.threshold("refund") < 0.55
                break
    assert 0 < taken <= 200 / 8
