"""Thresholds: never looser without proof, tighter as soon as the promise is contradicted."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.domain.binomial import lower_bound, upper_bound
from services.feedback.domain.policy import Count, Observation, Policy, Promise, Tuning, tune

PROMISE = Promise(alpha=0.1, delta=0.1, default_threshold=0.55)
START = Policy(0, 0.55)


def good(*confidences: float) -> list[Observation]:
    return [Observation(confidence, False) for confidence in confidences]


def bad(*confidences: float) -> list[Observation]:
    return [Observation(confidence, True) for confidence in confidences]


def applied(tuning: Tuning) -> Policy:
    return Policy(1, tuning.default_threshold, tuning.thresholds)


def test_without_outcomes_everybody_keeps_the_careful_start() -> None:
    tuning = tune({}, START, PROMISE)
    assert not tuning.changes(START)
    assert (tuning.default_threshold, tuning.reasons) == (0.55, {})


def test_three_bad_of_three_tighten_that_intent_alone() -> None:
    tuning = tune({"refund": bad(0.6, 0.7, 0.82), "invoice": good(0.6, 0.9)}, START, PROMISE)
    assert tuning.thresholds == {"refund": 0.83}
    assert tuning.reasons == {"refund": "3 of 3 automatic replies judged bad: 0.55 -> 0.83"}
    assert tuning.counts == {"refund": Count(0, 3), "invoice": Count(2, 0)}
    assert tuning.changes(START)


def test_one_bad_of_one_proves_nothing_yet() -> None:
    assert not tune({"refund": bad(0.7)}, START, PROMISE).changes(START)


def test_replies_below_the_threshold_are_no_evidence_against_it() -> None:
    high = Policy(1, 0.55, {"refund": 0.8})
    assert not tune({"refund": bad(0.5, 0.6, 0.7)}, high, PROMISE).changes(high)


def test_it_tightens_only_as_far_as_the_errors_reach() -> None:
    observed = bad(0.56, 0.57, 0.58, 0.59) + good(0.6, 0.7, 0.8, 0.9)
    (threshold,) = tune({"refund": observed}, START, PROMISE).thresholds.values()
    assert threshold == 0.6


def test_errors_at_full_confidence_stop_at_the_cap() -> None:
    tuning = tune({"refund": bad(1.0, 1.0, 1.0)}, START, PROMISE)
    assert tuning.thresholds == {"refund": 0.99}
    assert not tune({"refund": bad(1.0, 1.0, 1.0)}, applied(tuning), PROMISE).changes(
        applied(tuning)
    )


@pytest.mark.parametrize(("replies", "loosened"), [(21, False), (22, True)])
def test_loosening_takes_the_evidence_that_the_promise_needs(replies: int, loosened: bool) -> None:
    # 0.9 ** 22 is the first power below 0.1.
    strict = Policy(1, 0.55, {"refund": 0.9})
    tuning = tune({"refund": good(*[0.95] * replies, 0.7)}, strict, PROMISE)
    assert tuning.thresholds == {"refund": 0.7 if loosened else 0.9}
    if loosened:
        assert tuning.reasons["refund"] == (
            "0 of 23 automatic replies judged bad, so at most 10% with confidence 90%: 0.90 -> 0.70"
        )


def test_loosening_stops_at_the_first_threshold_that_fails() -> None:
    strict = Policy(1, 0.55, {"refund": 0.9})
    observed = good(*[0.95] * 40, 0.8) + bad(*[0.7] * 10) + good(*[0.6] * 400)
    assert tune({"refund": observed}, strict, PROMISE).thresholds == {"refund": 0.8}


def test_a_threshold_never_rests_on_a_reply_judged_bad() -> None:
    strict = Policy(1, 0.55, {"refund": 0.9})
    observed = good(*[0.95] * 60) + bad(0.8)
    assert not tune({"refund": observed}, strict, PROMISE).changes(strict)
    further = observed + good(0.7)
    assert tune({"refund": further}, strict, PROMISE).thresholds == {"refund": 0.7}


def test_a_new_default_is_taken_up_for_intents_without_a_threshold_of_their_own() -> None:
    before = Policy(3, 0.55, {"refund": 0.8})
    tuning = tune({}, before, Promise(0.1, 0.1, 0.6))
    assert tuning.changes(before)
    assert (tuning.default_threshold, tuning.thresholds) == (0.6, {"refund": 0.8})


observations = st.lists(
    st.builds(Observation, st.integers(0, 100).map(lambda c: c / 100), st.booleans()), max_size=150
)
mostly_good = st.lists(
    st.builds(
        Observation,
        st.integers(0, 100).map(lambda c: c / 100),
        st.sampled_from([False] * 24 + [True]),
    ),
    max_size=300,
)


@given(observations | mostly_good, st.integers(0, 100).map(lambda c: c / 100), st.randoms())
def test_every_change_has_its_evidence_and_is_made_once(
    observed: list[Observation], now: float, random: random.Random
) -> None:
    policy = Policy(1, 0.55, {"refund": now})
    tuning = tune({"refund": observed}, policy, PROMISE)
    new = tuning.thresholds["refund"]
    assert 0 <= new <= 1
    if new < now:
        above = [one for one in observed if one.confidence >= new]
        assert upper_bound(sum(one.bad for one in above), len(above), 0.1) <= 0.1 + 1e-9
    if new > now:
        above = [one for one in observed if one.confidence >= now]
        assert lower_bound(sum(one.bad for one in above), len(above), 0.1) > 0.1
    assert ("refund" in tuning.reasons) == (new != now)
    after = applied(tuning)
    assert not tune({"refund": observed}, after, PROMISE).changes(after)
    shuffled = list(observed)
    random.shuffle(shuffled)
    assert tune({"refund": shuffled}, policy, PROMISE) == tuning


def test_the_promise_is_kept_in_enough_of_many_worlds() -> None:
    """300 seeded worlds where a reply is wrong with probability (1 - confidence) / 2.

    The true error rate at or above t is then (1 - t) / 4: thresholds below 0.6 break the promise.
    """
    broken = loosened = 0
    for seed in range(300):
        draw = random.Random(seed)
        confidences = [draw.uniform(0.2, 1.0) for _ in range(400)]
        world = [Observation(c, draw.random() < (1 - c) / 2) for c in confidences]
        found = tune({"refund": world}, Policy(1, 0.55, {"refund": 0.8}), PROMISE)
        loosened += found.thresholds["refund"] < 0.8
        broken += (1 - found.thresholds["refund"]) / 4 > PROMISE.alpha
    assert loosened > 100
    assert broken / 300 <= PROMISE.delta
