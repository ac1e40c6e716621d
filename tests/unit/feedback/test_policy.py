"""Thresholds: never looser without proof, tighter as soon as the promise is contradicted."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.domain.definitions import WINDOW
from services.feedback.domain.evidence import Evidence
from services.feedback.domain.lowering import Lack, lack
from services.feedback.domain.policy import (
    Count,
    Kind,
    Observation,
    Policy,
    Promise,
    Restart,
    Tuning,
)
from services.feedback.domain.promise import contradicted, log_proof
from services.feedback.domain.selection import tune

PROMISE = Promise(alpha=0.1, delta=0.1, default_threshold=0.55, intents=1)
START = Policy(0, 0.55)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def judged(bad: bool, confidences: Sequence[float], kind: Kind = "automatic") -> list[Observation]:
    before = NOW - timedelta(days=4)
    return [
        Observation(confidence, bad, kind, before + timedelta(seconds=number))
        for number, confidence in enumerate(confidences)
    ]


def good(*confidences: float) -> list[Observation]:
    return judged(False, confidences)


def bad(*confidences: float) -> list[Observation]:
    return judged(True, confidences)


def drafts(*confidences: float, approved: bool = True) -> list[Observation]:
    return judged(not approved, confidences, "draft")


def applied(tuning: Tuning) -> Policy:
    return tuning.policy(1)


def test_without_outcomes_everybody_keeps_the_careful_start() -> None:
    tuning = tune({}, START, PROMISE, NOW)
    assert not tuning.changes(START)
    assert (tuning.default_threshold, tuning.reasons) == (0.55, {})


# -- raising ---------------------------------------------------------------------------------


def test_three_bad_of_three_raise_that_intent_alone() -> None:
    outcomes = {"refund": bad(0.6, 0.7, 0.82), "invoice": good(0.6, 0.9)}
    tuning = tune(outcomes, START, PROMISE, NOW)
    assert tuning.thresholds == {"refund": 0.83}
    assert tuning.reasons == {"refund": "3 of 3 automatic replies judged bad: 0.55 -> 0.83"}
    assert tuning.counts == {"refund": Count(0, 3), "invoice": Count(2, 0)}
    assert tuning.restarts == {"refund": Restart(NOW, 1, 0.83)}


def test_one_bad_of_one_proves_nothing_yet() -> None:
    assert not tune({"refund": bad(0.7)}, START, PROMISE, NOW).changes(START)


def test_replies_below_the_threshold_are_no_evidence_against_it() -> None:
    high = Policy(1, 0.55, {"refund": 0.8})
    assert not tune({"refund": bad(0.5, 0.6, 0.7)}, high, PROMISE, NOW).changes(high)


def test_it_raises_only_as_far_as_the_errors_reach() -> None:
    observed = bad(0.56, 0.57, 0.58, 0.59) + good(0.6, 0.7, 0.8, 0.9)
    assert tune({"refund": observed}, START, PROMISE, NOW).thresholds == {"refund": 0.6}


def test_errors_at_full_confidence_stop_at_the_cap() -> None:
    tuning = tune({"refund": bad(1.0, 1.0, 1.0)}, START, PROMISE, NOW)
    assert tuning.thresholds == {"refund": 0.99}
    # Further ones change nothing more: some replies must stay automatic for it to recover.
    later = [replace(one, at=NOW + timedelta(hours=1)) for one in bad(1.0, 1.0, 1.0)]
    assert not tune({"refund": later}, applied(tuning), PROMISE, NOW).changes(applied(tuning))


def test_after_a_contradiction_counting_begins_anew() -> None:
    observed = good(*[0.95] * 400) + bad(*[0.6] * 200)
    raised = applied(tune({"refund": observed}, START, PROMISE, NOW))
    assert raised.thresholds == {"refund": 0.61}
    assert not tune({"refund": observed}, raised, PROMISE, NOW).changes(raised)
    # What came before would prove 0.6 wrong and 0.95 right; neither says anything now.
    later = [replace(one, at=NOW + timedelta(hours=1)) for one in bad(0.7, 0.7, 0.7)]
    again = tune({"refund": observed + later}, raised, PROMISE, NOW)
    assert again.reasons == {"refund": "3 of 3 automatic replies judged bad: 0.61 -> 0.71"}
    assert again.restarts["refund"].number == 2


def test_a_rate_that_rises_after_many_good_replies_is_noticed() -> None:
    times = [NOW - timedelta(minutes=10_000 - n) for n in range(3_000)]
    fine = [Observation(0.8, n % 20 == 0, at=at) for n, at in enumerate(times[:2_900])]
    broken = [Observation(0.8, n % 3 == 0, at=at) for n, at in enumerate(times[2_900:])]
    assert not tune({"refund": fine}, START, PROMISE, NOW).thresholds.get("refund", 0) > 0.55
    # Over all of them it is still no more than 6 %.
    assert tune({"refund": fine + broken}, START, PROMISE, NOW).thresholds["refund"] > 0.55


# -- small intents borrow strength ------------------------------------------------------------


def test_small_intents_are_raised_by_what_they_tell_together() -> None:
    few = {f"rare {n}": bad(0.7) + good(0.6, 0.9) for n in range(6)}
    alone = tune({"rare 0": few["rare 0"]}, START, PROMISE, NOW)
    assert not alone.changes(START)
    together = tune({**few, "fine": good(0.6, 0.7)}, START, PROMISE, NOW)
    assert set(together.thresholds) == set(few)
    assert min(together.thresholds.values()) >= 0.71
    assert together.reasons["rare 0"].startswith(
        "6 of 20 automatic replies judged bad, over 7 intents with few outcomes: 0.55 -> "
    )


def test_how_far_it_goes_is_learned_from_others() -> None:
    own = bad(0.6, 0.6)
    alone = tune({"refund": own}, START, PROMISE, NOW).thresholds["refund"]
    others = bad(*[0.7] * 60) + good(*[0.95] * 200)
    pinned = Policy(1, 0.55, pinned=frozenset({"invoice"}))
    found = tune({"refund": own, "invoice": others}, pinned, PROMISE, NOW)
    assert (alone, found.thresholds["refund"]) == (0.61, 0.71)


def test_no_intent_is_lowered_by_the_outcomes_of_others() -> None:
    outcomes = {
        "invoice": good(*[0.9] * 900) + drafts(*[0.4] * 90),
        "refund": good(*[0.9] * 20) + drafts(0.4, 0.5),
    }
    assert set(tune(outcomes, START, PROMISE, NOW).thresholds) == {"invoice"}


# -- lowering --------------------------------------------------------------------------------


def wealth(replies: int) -> float:
    """Of a bettor who saw so many good replies, at alpha 0.1: every stake h wins h / 9."""
    stakes = (np.arange(20) + 0.5) / 20
    return float(np.mean((1 + stakes / 9) ** replies))


def test_lowering_takes_the_evidence_that_the_promise_needs() -> None:
    # The first period has half of delta; of it the default has half, and the 80th part of the rest.
    level = 0.1 / 2 * (1 / 2 + 1 / 160)
    enough = next(n for n in range(1, 500) if wealth(n) >= 1 / level)
    assert enough == 51
    almost = good(*[0.6] * (enough - 1)) + drafts(0.54)
    assert not tune({"refund": almost}, START, PROMISE, NOW).changes(START)
    tuning = tune({"refund": good(*[0.6] * enough) + drafts(0.54)}, START, PROMISE, NOW)
    assert tuning.thresholds == {"refund": 0.54}
    assert tuning.reasons["refund"].startswith(
        "0 of 52 replies judged bad, 1 of them as drafts, so at most "
    )
    # Shared by 25 intents, it takes more.
    shared = replace(PROMISE, intents=25)
    assert not tune({"refund": good(*[0.6] * enough) + drafts(0.54)}, START, shared, NOW).thresholds


def test_replies_that_may_still_turn_bad_prove_nothing_but_contradict() -> None:
    enough = good(*[0.6] * 60) + drafts(0.54)
    young = [replace(one, at=NOW - WINDOW + timedelta(seconds=1)) for one in enough]
    assert not tune({"refund": young}, START, PROMISE, NOW).changes(START)
    later = NOW + timedelta(seconds=1)
    assert tune({"refund": young}, START, PROMISE, later).thresholds == {"refund": 0.54}
    just_now = [replace(one, at=NOW) for one in bad(0.6, 0.7, 0.8)]
    assert tune({"refund": just_now}, START, PROMISE, NOW).thresholds["refund"] > 0.55


def test_an_intent_with_a_stricter_promise_takes_more() -> None:
    observed = good(*[0.6] * 200) + drafts(0.5, 0.5)
    strict = replace(PROMISE, alphas={"refund": 0.02})
    tuning = tune({"refund": observed, "invoice": observed}, START, strict, NOW)
    assert tuning.thresholds == {"invoice": 0.5}


def test_without_judged_drafts_nothing_is_lowered() -> None:
    assert not tune({"refund": good(*[0.9] * 4_000)}, START, PROMISE, NOW).changes(START)


def test_a_threshold_never_rests_on_replies_judged_bad() -> None:
    observed = good(*[0.9] * 400) + drafts(0.5, approved=False)
    assert not tune({"refund": observed}, START, PROMISE, NOW).changes(START)
    assert tune({"refund": observed + drafts(0.4)}, START, PROMISE, NOW).thresholds == {
        "refund": 0.4
    }


def test_what_lies_between_need_not_be_proven_by_itself() -> None:
    """Few replies are as sure as the start, too few to prove anything by themselves."""
    observed = good(*[0.9] * 5) + drafts(*[0.5] * 300)
    assert tune({"refund": observed}, START, PROMISE, NOW).thresholds == {"refund": 0.5}


def test_lowering_stops_at_the_first_threshold_that_fails() -> None:
    observed = good(*[0.9] * 200) + drafts(0.5, 0.5)
    observed += drafts(*[0.4] * 60, approved=False) + drafts(*[0.3] * 2_000)
    assert tune({"refund": observed}, START, PROMISE, NOW).thresholds == {"refund": 0.5}


def test_drafts_that_are_seldom_judged_weigh_as_many_as_they_stand_for() -> None:
    """Of 1000 messages 30 % are drafts and wrong in 40 %: lowered, 13.4 % would be wrong.

    But nine of ten automatic replies are judged and one of ten drafts, so only 3.7 % of what is
    seen is bad.
    """
    seen = [replace(one, bad=number % 48 == 47) for number, one in enumerate(good(*[0.9] * 630))]
    some = drafts(*[0.5] * 18) + drafts(*[0.5] * 12, approved=False)
    assert tune({"refund": seen + some}, START, PROMISE, NOW).thresholds == {"refund": 0.5}
    weighted = [replace(one, weight=1 / 0.9) for one in seen]
    weighted += [replace(one, weight=1 / 0.1) for one in some]
    assert not tune({"refund": weighted}, START, PROMISE, NOW).changes(START)


def test_once_enough_is_judged_counting_begins_anew_and_the_threshold_stays() -> None:
    short = replace(PROMISE, replies=300)
    tuning = tune({"refund": good(*[0.9] * 300)}, START, short, NOW)
    assert tuning.reasons == {"refund": "300 replies judged: counting begins anew"}
    assert (tuning.thresholds, tuning.restarts) == ({}, {"refund": Restart(NOW, 1, 0.55)})


def test_what_it_lacks_is_what_lowers_it() -> None:
    observed = good(*[0.6] * 20) + drafts(0.54)
    missing = lack(Evidence.of(observed, 0.1), "refund", START, PROMISE)
    assert missing == Lack(0.54, 31)
    more = good(*[0.99] * 31)
    assert not tune({"refund": observed + more[1:]}, START, PROMISE, NOW).changes(START)
    assert tune({"refund": observed + more}, START, PROMISE, NOW).thresholds == {"refund": 0.54}
    # No number of good automatic replies tells how good drafts are.
    assert lack(Evidence.of(good(*[0.6] * 20), 0.1), "refund", START, PROMISE) == Lack(None)


# -- what people set -------------------------------------------------------------------------


def test_a_new_default_is_taken_up_for_intents_without_a_threshold_of_their_own() -> None:
    before = Policy(3, 0.55, {"refund": 0.8})
    tuning = tune({}, before, Promise(0.1, 0.1, 0.6), NOW)
    assert tuning.changes(before)
    assert (tuning.default_threshold, tuning.thresholds) == (0.6, {"refund": 0.8})


@pytest.mark.parametrize("everything", [False, True])
def test_pinned_thresholds_are_left_alone(everything: bool) -> None:
    pinned = Policy(2, 0.7, {"refund": 0.7}, {}, frozenset({"refund"}), everything)
    outcomes = {"refund": bad(0.8, 0.8, 0.8), "invoice": bad(0.8, 0.8, 0.8)}
    tuning = tune(outcomes, pinned, PROMISE, NOW)
    assert tuning.thresholds["refund"] == 0.7
    assert tuning.changes(pinned) is not everything
    assert ("invoice" in tuning.thresholds) is not everything
    assert (tuning.pinned, tuning.all_pinned) == (frozenset({"refund"}), everything)


# -- whatever is seen ------------------------------------------------------------------------

confidences = st.integers(0, 100).map(lambda c: c / 100)
kinds = st.sampled_from(["automatic", "draft"])
moments = st.integers(1, 10_000).map(lambda n: NOW - timedelta(minutes=n))
observations = st.lists(st.builds(Observation, confidences, st.booleans(), kinds, moments))
mostly_good = st.lists(
    st.builds(Observation, confidences, st.sampled_from([False] * 24 + [True]), kinds, moments),
    min_size=60,
    max_size=300,
)


@given(observations | mostly_good, confidences, st.randoms())
def test_every_change_has_its_evidence_and_is_made_once(
    observed: list[Observation], now: float, random: random.Random
) -> None:
    policy = Policy(1, 0.55, {"refund": now})
    tuning = tune({"refund": observed}, policy, PROMISE, NOW)
    new = tuning.thresholds["refund"]
    assert 0 <= new <= 1
    evidence = Evidence.of(observed, 0.1)
    if new < now:
        assert log_proof(evidence.until(NOW - WINDOW), 0.1)[round(new * 100)] >= np.log(1 / 0.05)
    if new > now:
        assert contradicted(evidence.passing(round(now * 100)), 0.1)
    assert ("refund" in tuning.reasons) == (new != now)
    after = applied(tuning)
    assert not tune({"refund": observed}, after, PROMISE, NOW).changes(after)
    shuffled = list(observed)
    random.shuffle(shuffled)
    assert tune({"refund": shuffled}, policy, PROMISE, NOW) == tuning
