"""What people do with a policy, and how it is stored and shown."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.feedback.domain.lowering import Lack
from services.feedback.domain.pins import PinRefused, pinned, rolled_back, unpinned
from services.feedback.domain.policy import (
    ALL,
    Count,
    Decided,
    Observation,
    Policy,
    Promise,
    Restart,
    Tuning,
)
from services.feedback.domain.standing import standings
from services.feedback.policy.documents import policy_document, policy_of
from services.feedback.policy.tuner import announcement
from services.feedback.policy.view import compared, history, proposed, shown
from services.feedback.settings import Settings
from shared.settings import UnusableSettings

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PROMISE = Promise(0.1, 0.1, 0.55, {"money.refund": 0.02}, intents=1)
RESTART = {"refund": Restart(NOW, 2, 0.8)}
CURRENT = Policy(3, 0.55, {"refund": 0.8, "invoice": 0.4}, RESTART)


def test_one_intent_pinned_leaves_the_others() -> None:
    new = pinned(CURRENT, "refund", 0.9, "complaints", {})
    assert new.reasons == {"refund": "pinned: 0.80 -> 0.90 (complaints)"}
    policy = new.policy(4)
    assert policy.thresholds == {"refund": 0.9, "invoice": 0.4}
    assert (policy.is_pinned("refund"), policy.is_pinned("invoice")) == (True, False)
    assert policy.restarts == RESTART


def test_all_pinned_are_all_at_that_value_the_unknown_too() -> None:
    policy = pinned(CURRENT, None, 1.0, "", {}).policy(4)
    assert {policy.threshold(intent) for intent in ("refund", "invoice", "new")} == {1.0}
    assert policy.is_pinned("new")


@pytest.mark.parametrize("threshold", [-0.1, 1.01, float("nan")])
def test_a_threshold_that_is_none_is_refused(threshold: float) -> None:
    with pytest.raises(PinRefused, match="between 0 and 1"):
        pinned(CURRENT, None, threshold, "", {})


def test_unpinned_what_nothing_proves_goes_back_to_the_default() -> None:
    loose = pinned(CURRENT, "refund", 0.2, "", {}).policy(4)
    free = unpinned(loose, "refund", PROMISE, "", {}).policy(5)
    assert free.thresholds == {"refund": 0.55, "invoice": 0.4}
    assert not free.is_pinned("refund")
    strict = pinned(CURRENT, None, 0.9, "", {}).policy(4)
    free = unpinned(strict, None, PROMISE, "", {}).policy(5)
    assert (free.default_threshold, free.thresholds) == (0.55, {"refund": 0.9, "invoice": 0.9})


def test_unpinning_what_is_not_pinned_is_refused() -> None:
    with pytest.raises(PinRefused, match="nothing is pinned"):
        unpinned(CURRENT, None, PROMISE, "", {})
    with pytest.raises(PinRefused, match="invoice is not pinned"):
        unpinned(pinned(CURRENT, "refund", 0.9, "", {}).policy(4), "invoice", PROMISE, "", {})
    with pytest.raises(PinRefused, match="unpin all"):
        unpinned(pinned(CURRENT, None, 0.9, "", {}).policy(4), "refund", PROMISE, "", {})


def test_rolled_back_the_old_thresholds_hold_until_unpinned_and_counting_goes_on() -> None:
    earlier = Policy(1, 0.6, {"refund": 0.7})
    policy = rolled_back(CURRENT, earlier, "too many escalations", {}).policy(4)
    assert (policy.version, policy.default_threshold, policy.thresholds) == (
        4,
        0.6,
        {"refund": 0.7},
    )
    assert (policy.all_pinned, policy.restarts) == (True, RESTART)
    with pytest.raises(PinRefused, match="in force"):
        rolled_back(CURRENT, CURRENT, "", {})


# -- stored and announced --------------------------------------------------------------------


def decided(version: int, tuning: Tuning, promise: Promise = PROMISE) -> Decided:
    return Decided(version, tuning, promise, NOW)


def test_a_policy_reads_back_as_it_was_stored() -> None:
    tuning = pinned(CURRENT, "money.refund", 0.9, "", {"refund": Count(3, 1)})
    assert policy_of(policy_document(decided(4, tuning))) == decided(4, tuning)


def test_a_policy_of_earlier_days_still_reads() -> None:
    old = {
        "_id": 2,
        "default_threshold": 0.55,
        "thresholds": [["money.refund", 0.83]],
        "reasons": [["money.refund", "3 of 3 automatic replies judged bad: 0.55 -> 0.83"]],
        "counts": [["money.refund", 0, 3]],
        "promise": {"alpha": 0.1, "delta": 0.1, "default_threshold": 0.55},
        "decided_at": NOW,
        "published": True,
    }
    read = policy_of(old)
    assert read.policy == Policy(2, 0.55, {"money.refund": 0.83})
    assert (read.pinned, read.promise) == (False, Promise(0.1, 0.1, 0.55))


def test_everybody_is_told_whether_people_set_it() -> None:
    by_hand = announcement(decided(4, pinned(CURRENT, "refund", 0.9, "", {}))).data
    assert by_hand.model_dump()["pinned"] is True
    assert by_hand.model_dump()["alphas"] == {"money.refund": 0.02}
    tuned = Tuning(0.55, {"refund": 0.8}, {}, {})
    assert announcement(decided(4, tuned)).data.model_dump()["pinned"] is False


def test_the_promise_is_set_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICY_ALPHA", "0.05")
    monkeypatch.setenv("POLICY_ALPHAS", '{"money.refund": 0.02}')
    monkeypatch.setenv("POLICY_INTENTS", "4")
    promise = Settings().promise
    assert (promise.alpha_of("money.refund"), promise.alpha_of("invoice")) == (0.02, 0.05)
    assert promise.intents == 4
    monkeypatch.setenv("POLICY_ALPHAS", '{"money.refund": 2}')
    with pytest.raises(UnusableSettings, match=r"POLICY_ALPHAS\.MONEY\.REFUND: "):
        Settings()


# -- shown -----------------------------------------------------------------------------------


def test_it_is_shown_what_each_intent_lacks() -> None:
    seen = [Observation(0.6, False) for _ in range(20)] + [Observation(0.54, False, "draft")]
    policy = Policy(4, 0.55, {"invoice": 0.9}, {}, frozenset({"invoice"}))
    outcomes = {"refund": seen, "invoice": [Observation(0.95, True)], "silent": []}
    found = {one.intent: one for one in standings(outcomes, policy, PROMISE, NOW)}
    assert found["refund"].lack == Lack(0.54, 31)
    assert found["refund"].count == Count(20, 0)
    young = [replace(one, at=NOW) for one in seen * 9]
    (standing,) = standings({"refund": seen + young}, policy, PROMISE, NOW)[1:]
    assert (standing.lack, standing.count) == (Lack(0.54, 31), Count(200, 0))
    assert (standing.young, found["refund"].young) == (189, 0)
    text = shown(decided(4, pinned(policy, "invoice", 0.9, "", {})), True, [standing])
    assert "31 more good outcomes, to 0.54; 189 young" in text
    assert "they help to loosen 72 hours after the reply" in text
    # 0 of 20: Clopper and Pearson's upper end is 1 - 0.025 ** (1 / 20).
    low, high = found["refund"].interval
    assert low == 0.0
    assert high == pytest.approx(0.1684, abs=1e-4)
    # Looked at but once it would be 1 - 0.1 ** (1 / 20) = 0.109.
    assert 0.109 < found["refund"].at_most < 0.2
    text = shown(decided(4, pinned(policy, "invoice", 0.9, "", {})), False, list(found.values()))
    rows = {line.split()[0]: line for line in text.splitlines() if line}
    assert "31 more good outcomes, to 0.54" in rows["refund"]
    assert "0.90 pinned" in rows["invoice"]
    assert "a draft below that an agent approves" in rows["silent"]
    assert "not published yet" in text
    assert "young" not in text
    assert "at most 10.0% of automatic replies wrong, money.refund 2.0%" in text


def test_versions_are_compared_side_by_side() -> None:
    old = decided(1, Tuning(0.55, {"refund": 0.8}, {}, {"refund": Count(1, 3)}))
    reasons = {"refund": "proven: 0.80 -> 0.70"}
    new = decided(2, Tuning(0.6, {"refund": 0.7}, reasons, {"refund": Count(90, 3)}))
    rows = {line.split()[0]: line.split() for line in compared(old, new).splitlines() if line}
    assert rows["refund"][:6] == ["refund", "0.80", "0.70", "looser", "1/3", "90/3"]
    assert rows["(default)"] == ["(default)", "0.55", "0.60", "stricter"]
    assert history([new]).splitlines() == [
        "version 2 of 2026-11-23 12:00 UTC",
        "  refund: proven: 0.80 -> 0.70",
    ]


def test_a_proposal_of_nothing_says_so() -> None:
    current = decided(3, Tuning(0.55, {"refund": 0.8}, {}, {}))
    assert proposed(current, current.tuning) == "Nothing: version 3 stays in force."
    all_pinned = rolled_back(current.policy, Policy(1, 0.6), "", {})
    text = proposed(current, all_pinned)
    assert f"  {ALL}: rolled back to version 1, pinned until unpinned" in text
    assert "  (default): 0.55 -> 0.60" in text
