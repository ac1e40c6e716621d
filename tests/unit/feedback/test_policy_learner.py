"""The learner against simulated customers, in small; the bench does a hundred runs."""

import pytest

from services.feedback.domain.policy import Promise
from tests.bench.policy_run import Run, run
from tests.bench.policy_world import ALL, STEADY, Wish, World, boastful, cautious, honest, truth

PROMISE = Promise(alpha=0.1, delta=0.1, default_threshold=0.55)
FEW_INTENTS = World(
    (
        Wish("order_status", 200, (4, 1.5), cautious),
        Wish("refund", 150, (3, 1.2), honest),
        Wish("delivery", 50, (5, 1.5), boastful),
    )
)


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return [run(FEW_INTENTS, PROMISE, seed, days=60, looks=1) for seed in range(5)]


def test_the_truth_of_a_world_is_what_it_says() -> None:
    # Uniform confidences, wrong as often as they say: above t the mean of 1 - c is (1 - t) / 2.
    uniform = truth((1, 1), honest)
    assert uniform.passing[40] == pytest.approx(0.6, abs=1e-3)
    assert uniform.wrong[40] == pytest.approx(0.3, abs=1e-3)


def test_no_intent_is_ever_lowered_beyond_what_was_promised(runs: list[Run]) -> None:
    assert [one.broken for one in runs] == [frozenset()] * len(runs)


def test_it_ends_near_the_best_that_the_promise_allows(runs: list[Run]) -> None:
    for one in runs:
        assert one.wrong_at_end <= PROMISE.alpha
        assert one.automation[ALL] >= one.best[ALL] - 0.15
    mean = sum(one.automation[ALL] for one in runs) / len(runs)
    assert mean >= runs[0].best[ALL] - 0.1


def test_what_is_better_than_it_says_is_lowered_and_what_is_worse_is_raised(
    runs: list[Run],
) -> None:
    for one in runs:
        assert one.automation["order_status"] > one.at_start["order_status"]
        assert one.automation["delivery"] < one.at_start["delivery"] / 2
        assert one.raised["delivery"]


def test_a_run_is_the_same_again() -> None:
    twice = [run(STEADY, PROMISE, 7, days=5, looks=1) for _ in range(2)]
    assert twice[0] == twice[1]
