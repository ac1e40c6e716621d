"""The bandit: takes what does well, keeps trying the rest, and borrows where little is known."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import beta

from services.feedback.domain.choosing.bandit import Bandit
from services.feedback.domain.choosing.sample import Logged
from services.feedback.domain.choosing.weights import ANY, Slot, SlotPolicy

SLOT = Slot("tone", ("formal", "friendly"))


def logs(context: str, option: str, good: int, bad: int, propensity: float = 0.5) -> list[Logged]:
    rewards = [1.0] * good + [0.0] * bad
    return [Logged("tone", context, option, propensity, reward, 0) for reward in rewards]


def proposed(found: Sequence[Logged], bandit: Bandit | None = None, seed: int = 0) -> SlotPolicy:
    return (bandit or Bandit()).propose(SLOT, found, np.random.default_rng(seed))


def share(policy: SlotPolicy, context: str, option: str = "friendly") -> float:
    return policy.at(context).probabilities[option]


def test_knowing_nothing_it_chooses_evenly() -> None:
    assert share(proposed([]), "refund/zh") == pytest.approx(0.5, abs=0.03)


def test_an_option_is_taken_as_often_as_it_is_probably_the_best() -> None:
    found = logs("c", "formal", 12, 8) + logs("c", "friendly", 16, 4)
    # P(Beta(17, 5) > Beta(13, 9)), by numerical integration.
    grid = np.linspace(0, 1, 200_001)
    better = float(np.trapezoid(beta.pdf(grid, 17, 5) * beta.cdf(grid, 13, 9), grid))
    weight = share(proposed(found, Bandit(floor=0.05, draws=40_000)), "c")
    assert weight == pytest.approx(0.05 + 0.9 * better, abs=0.01)


def test_every_option_keeps_the_floor() -> None:
    found = logs("c", "formal", 0, 500) + logs("c", "friendly", 500, 0)
    policy = proposed(found, Bandit(floor=0.1))
    assert share(policy, "c", "formal") == pytest.approx(0.1)
    assert share(policy, "c") == pytest.approx(0.9)


def test_the_same_logs_and_seed_give_the_same_weights() -> None:
    found = logs("c", "formal", 12, 8) + logs("d", "friendly", 16, 4)
    assert proposed(found) == proposed(found)
    assert proposed(found) != proposed(found, seed=1)


def test_contexts_are_told_apart_where_there_are_data() -> None:
    found = [
        *logs("refund/zh", "formal", 180, 20),
        *logs("refund/zh", "friendly", 100, 100),
        *logs("refund/en", "formal", 100, 100),
        *logs("refund/en", "friendly", 180, 20),
    ]
    policy = proposed(found)
    assert share(policy, "refund/zh") < 0.06
    assert share(policy, "refund/en") > 0.94


def test_a_context_with_few_data_follows_the_others_and_one_with_many_itself() -> None:
    others = logs("known", "formal", 100, 200) + logs("known", "friendly", 200, 100)
    few = logs("new", "formal", 1, 0) + logs("new", "friendly", 0, 1)
    many = logs("new", "formal", 100, 0) + logs("new", "friendly", 0, 100)
    assert share(proposed(few), "new") < 0.3
    assert share(proposed(others + few), "new") > 0.8
    assert share(proposed(others + many), "new") < 0.06
    assert share(proposed(others + few, Bandit(pooling=0)), "new") < 0.3


def test_any_other_context_gets_what_all_contexts_say() -> None:
    found = logs("a", "formal", 10, 40) + logs("b", "friendly", 40, 10)
    policy = proposed(found)
    assert policy.at("never seen").context == ANY
    assert share(policy, "never seen") > 0.9


def test_an_option_is_not_flattered_by_the_easy_contexts_it_was_taken_in() -> None:
    """Formal is the better one in both contexts, but was mostly taken where little succeeds: over
    both together it succeeded less often (44 %) than friendly (66 %)."""
    found = [
        *logs("easy", "formal", 45, 5, 0.1),
        *logs("easy", "friendly", 315, 135, 0.9),
        *logs("hard", "formal", 175, 275, 0.9),
        *logs("hard", "friendly", 10, 40, 0.1),
    ]
    policy = proposed(found)
    assert share(policy, "never seen", "formal") > 0.8


def test_an_option_that_the_slot_no_longer_has_is_left_out() -> None:
    found = logs("c", "curt", 500, 0) + logs("c", "friendly", 30, 10)
    assert set(proposed(found).at("c").probabilities) == {"formal", "friendly"}


def test_nothing_is_learned_from_a_choice_that_had_no_chance() -> None:
    with pytest.raises(ValueError, match="propensity of 0"):
        proposed(logs("c", "formal", 1, 0, 0.0))


def test_rewards_between_nothing_and_all_count_in_part() -> None:
    halves = [Logged("tone", "c", "friendly", 0.5, 0.5, 0)] * 400
    found = halves + logs("c", "formal", 80, 320)
    assert share(proposed(found), "c") > 0.94
