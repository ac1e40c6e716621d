"""The gate: what is proven better passes, and everything refused says why, with its figures."""

import numpy as np
import pytest

from services.feedback.domain.choosing.gate import (
    Judgement,
    Limits,
    Reason,
    explores_more,
    judge,
    supported,
)
from services.feedback.domain.choosing.sample import Logged, Sample, sample_of
from services.feedback.domain.choosing.weights import ANY, SlotPolicy, Weights
from tests.bench.choosing import BEST, UNIFORM, USUAL, WORST, drawn, policy, worth

PRESENT = policy(0.6 * USUAL + 0.4 * UNIFORM)
LIMITS = Limits()


def always(a: float, b: float) -> Weights:
    return Weights("tone", ANY, {"a": a, "b": b})


def slot_policy(*weights: Weights) -> SlotPolicy:
    return SlotPolicy("tone", {one.context: one for one in weights})


def choices(context: str, option: str, propensity: float, good: int, bad: int) -> list[Logged]:
    rewards = [1.0] * good + [0.0] * bad
    return [Logged("tone", context, option, propensity, reward, 0) for reward in rewards]


def judged(logs: list[Logged], target: SlotPolicy, present: SlotPolicy) -> Judgement:
    return judge(sample_of(logs, ("a", "b")), target, present, LIMITS, explores=False)


def seen(count: int, seed: int = 0) -> Sample:
    return drawn([PRESENT], count, np.random.default_rng(seed))


def test_a_better_policy_is_accepted_and_a_worse_one_is_not() -> None:
    better = judge(seen(4000), policy(BEST), PRESENT, LIMITS, explores=False)
    assert (better.accepted, better.reason) == (True, Reason.BETTER)
    assert better.found is not None and better.found.gain.interval[0] > 0
    worse = judge(seen(4000), policy(WORST), PRESENT, LIMITS, explores=False)
    assert (worse.accepted, worse.reason) == (False, Reason.WORSE)


def test_right_about_nearly_all_and_wrong_about_nearly_none() -> None:
    better = policy(0.6 * USUAL + 0.4 * BEST)
    samples = [seen(2000, seed) for seed in range(100)]
    for right, target, least in (
        (True, better, 95),
        (False, PRESENT, 95),
        (False, policy(WORST), 100),
    ):
        found = [judge(one, target, PRESENT, LIMITS, explores=True) for one in samples]
        assert sum(one.accepted == right for one in found) >= least


def test_what_may_be_better_and_may_not_is_not_proven() -> None:
    """It does other things and earns the same: the gain is 0 in truth."""
    best, worst, now = (worth(one) for one in (policy(BEST), policy(WORST), PRESENT))
    part = (now - worst) / (best - worst)
    target = policy(part * BEST + (1 - part) * WORST)
    found = judge(seen(2000), target, PRESENT, LIMITS, explores=False)
    assert (found.accepted, found.reason) == (False, Reason.NOT_PROVEN)
    low, high = found.found.gain.interval if found.found else (0.0, 0.0)
    assert low < 0 < high


def test_trying_more_may_cost_up_to_the_margin() -> None:
    """True gain: -0.007."""
    target = policy(0.3 * USUAL + 0.7 * UNIFORM)
    sample = seen(8000)
    assert explores_more(sample, target, PRESENT)
    assert not explores_more(sample, PRESENT, target)
    found = judge(sample, target, PRESENT, LIMITS, explores=True)
    assert (found.accepted, found.reason) == (True, Reason.NOT_WORSE)
    assert not judge(sample, target, PRESENT, LIMITS, explores=False).accepted
    assert not judge(sample, target, PRESENT, Limits(margin=0.002), explores=True).accepted


def test_few_choices_are_too_few() -> None:
    found = judge(seen(60), policy(BEST), PRESENT, LIMITS, explores=True)
    assert (found.reason, found.found, found.support.choices) == (Reason.TOO_FEW, None, 60)


def test_many_choices_are_too_few_where_only_some_tell_the_two_apart() -> None:
    """A thousand choices, but target and present policy differ only where 40 were made."""
    logs = [
        *choices("common", "a", 0.5, 250, 250),
        *choices("common", "b", 0.5, 250, 250),
        *choices("rare", "a", 0.5, 0, 20),
        *choices("rare", "b", 0.5, 20, 0),
    ]
    present = slot_policy(always(0.5, 0.5))
    target = slot_policy(always(0.5, 0.5), Weights("tone", "rare", {"a": 0.05, "b": 0.95}))
    found = judged(logs, target, present)
    assert found.reason == Reason.TOO_FEW
    assert found.support.effective > 1000
    assert found.support.effective_change == pytest.approx(40)


def test_an_option_never_logged_cannot_be_judged() -> None:
    logs = choices("c", "a", 0.9, 300, 300)
    found = judged(logs, slot_policy(always(0.4, 0.6)), slot_policy(always(0.9, 0.1)))
    assert found.reason == Reason.NEVER_LOGGED
    assert found.support.unlogged == pytest.approx(0.5)
    assert "never logged 50.0%" in found.said


def test_an_option_never_logged_in_the_context_counts_by_the_messages_moved_there() -> None:
    # "b" is known elsewhere; in "new", a quarter of all messages, it never was.
    logs = [
        *choices("old", "a", 0.5, 150, 150),
        *choices("old", "b", 0.5, 150, 150),
        *choices("new", "a", 0.5, 100, 100),
    ]
    present = slot_policy(always(0.5, 0.5))
    target = slot_policy(always(0.5, 0.5), Weights("tone", "new", {"a": 0.3, "b": 0.7}))
    assert supported(sample_of(logs), target, present).unlogged == pytest.approx(0.2 / 4)
    assert judged(logs, target, present).reason == Reason.NEVER_LOGGED


def test_a_choice_without_a_propensity_spoils_the_log() -> None:
    logs = choices("c", "a", 0.5, 300, 300) + choices("c", "b", 0.0, 2, 1)
    found = judged(logs, slot_policy(always(0.4, 0.6)), slot_policy(always(0.5, 0.5)))
    assert (found.reason, found.support.impossible) == (Reason.NO_PROPENSITY, 3)


def test_weights_may_not_be_too_large() -> None:
    logs = choices("c", "a", 0.98, 2000, 2000) + choices("c", "b", 0.02, 40, 40)
    found = judged(logs, slot_policy(always(0.3, 0.7)), slot_policy(always(0.98, 0.02)))
    assert found.reason == Reason.WEIGHTS_TOO_LARGE
    assert found.support.largest_weight == pytest.approx(35)


def test_all_that_a_floor_of_five_percent_allows_fits_the_largest_weight() -> None:
    logs = choices("c", "a", 0.95, 1000, 1000) + choices("c", "b", 0.05, 90, 10)
    target, present = slot_policy(always(0.0, 1.0)), slot_policy(always(0.95, 0.05))
    assert judged(logs, target, present).support.largest_weight == pytest.approx(20)
    assert judged(logs, target, present).reason == Reason.BETTER


def test_without_any_choice_nothing_is_known() -> None:
    found = judged([], slot_policy(always(0.4, 0.6)), slot_policy(always(0.5, 0.5)))
    assert (found.reason, found.support.choices) == (Reason.TOO_FEW, 0)


def test_what_is_said_holds_the_figures() -> None:
    found = judge(seen(4000), policy(BEST), PRESENT, LIMITS, explores=False)
    assert found.found is not None
    assert found.said.startswith(f"better: gain {found.found.gain.value:+.3f} (")
    assert "4000 choices" in found.said
