"""The estimators: small examples worked by hand, and simulations whose truth is known."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from services.feedback.domain.choosing.doubly_robust import compare, cross_fitted, doubly_robust
from services.feedback.domain.choosing.estimates import (
    Estimate,
    effective_size,
    inverse_propensity,
    self_normalised,
)
from services.feedback.domain.choosing.sample import Logged, Sample, sample_of
from services.feedback.domain.choosing.weights import ANY, SlotPolicy, Weights
from tests.bench.choosing import BEST, SLOT, UNIFORM, USUAL, drawn, policy, worth

Estimator = Callable[[Sample, SlotPolicy], Estimate]
RUNS = 400


def always(**probabilities: float) -> SlotPolicy:
    return SlotPolicy("tone", {ANY: Weights("tone", ANY, probabilities)})


def sample(*rows: tuple[str, float, float]) -> Sample:
    """Option, propensity and reward of each choice."""
    return sample_of([Logged("tone", "c", *row, 0) for row in rows], ("a", "b"))


def test_inverse_propensity_worked_by_hand() -> None:
    # Weights 1.6, 1.6, 0.4, 0.4; values 1.6, 0, 0.4, 0.4: mean 0.6, variance 1.44 / 3 = 0.48.
    seen = sample(("a", 0.5, 1), ("a", 0.5, 0), ("b", 0.5, 1), ("b", 0.5, 1))
    found = inverse_propensity(seen, always(a=0.8, b=0.2))
    assert found.value == pytest.approx(0.6)
    assert found.standard_error == pytest.approx(math.sqrt(0.48 / 4))
    assert found.interval == pytest.approx((0.6 - 1.96 * 0.34641, 0.6 + 1.96 * 0.34641), abs=1e-4)


def test_self_normalised_worked_by_hand() -> None:
    # Weights 1.6, 1.6, 0.4 sum to 3.6, rewarded ones to 2: 5/9. Over the mean weight of 1.2 the
    # influence is 16/27, -20/27 and 4/27, of variance 672/729/2.
    seen = sample(("a", 0.5, 1), ("a", 0.5, 0), ("b", 0.5, 1))
    found = self_normalised(seen, always(a=0.8, b=0.2))
    assert found.value == pytest.approx(5 / 9)
    assert found.standard_error == pytest.approx(math.sqrt(672 / 729 / 2 / 3))


def test_doubly_robust_worked_by_hand() -> None:
    """Two choices, each predicted from the other one alone, all means drawn by ten choices.

    Of the first the model knows one failure of b: slot 5/11, a the same, a in c the same.
    Of the second it knows one success of a: slot 6/11, a (1 + 60/11) / 11 = 71/121, a in c
    (1 + 710/121) / 11 = 831/1331. The target never takes b.
    """
    seen = sample(("a", 0.5, 1), ("b", 0.5, 0))
    predicted = cross_fitted(seen)
    assert predicted[0, 0] == pytest.approx(5 / 11)
    assert predicted[1, 0] == pytest.approx(831 / 1331)
    first, second = 5 / 11 + 2 * (1 - 5 / 11), 831 / 1331
    found = doubly_robust(seen, always(a=1, b=0))
    assert found.value == pytest.approx((first + second) / 2)
    assert found.standard_error == pytest.approx(abs(first - second) / 2)


def test_every_choice_counts_by_the_propensity_it_had() -> None:
    # Three policies chose. Weights 0.5 / 0.8, 0.5 / 0.25 and 0.5 / 0.75.
    seen = sample(("a", 0.8, 1), ("a", 0.25, 1), ("b", 0.75, 0))
    assert inverse_propensity(seen, always(a=0.5, b=0.5)).value == pytest.approx(2.625 / 3)


def test_kish_worked_by_hand() -> None:
    assert effective_size(np.array([1.6, 1.6, 0.4])) == pytest.approx(3.6**2 / 5.28)
    assert effective_size(np.ones(7)) == pytest.approx(7)
    assert effective_size(np.array([5.0, 0.0, 0.0])) == pytest.approx(1)
    assert effective_size(np.zeros(3)) == 0


def test_the_policy_that_chose_earns_what_was_earned() -> None:
    seen = sample(("a", 0.8, 1), ("a", 0.8, 0), ("b", 0.2, 1), ("a", 0.8, 1))
    same = always(a=0.8, b=0.2)
    assert inverse_propensity(seen, same).value == pytest.approx(0.75)
    assert self_normalised(seen, same).value == pytest.approx(0.75)
    gain = compare(seen, same, same).gain
    assert (gain.value, gain.standard_error) == (0.0, 0.0)


def test_a_comparison_is_surer_than_its_two_values() -> None:
    seen = drawn([policy(UNIFORM)], 2000, np.random.default_rng(0))
    found = compare(seen, policy(BEST), policy(0.9 * BEST + 0.1 * UNIFORM))
    assert found.gain.value == pytest.approx(found.target.value - found.present.value)
    assert found.gain.standard_error < found.target.standard_error / 5


@pytest.mark.parametrize("method", [inverse_propensity, self_normalised, doubly_robust])
def test_what_cannot_be_estimated_is_an_error(method: Estimator) -> None:
    target = always(a=0.5, b=0.5)
    for rows in ([("a", 0.0, 1), ("b", 1.0, 1)], [("a", 0.5, 1)]):
        with pytest.raises(ValueError, match="choices"):
            method(sample(*rows), target)
    with pytest.raises(ValueError, match="options beyond"):
        method(sample(("a", 0.5, 1), ("b", 0.5, 1)), always(a=0.5, d=0.5))


def test_a_policy_that_would_have_made_no_choice_has_no_ratio() -> None:
    with pytest.raises(ValueError, match="none of the choices"):
        self_normalised(sample(("a", 0.5, 1), ("a", 0.5, 1)), always(a=0, b=1))


@pytest.mark.parametrize(("propensity", "reward"), [(1.1, 0.5), (-0.1, 0.5), (0.5, 2), (0.5, -1)])
def test_a_log_out_of_range_is_an_error(propensity: float, reward: float) -> None:
    with pytest.raises(ValueError, match="not in"):
        Logged("tone", "c", "a", propensity, reward, 0)


def test_a_sample_is_of_one_slot() -> None:
    with pytest.raises(ValueError, match="several slots"):
        sample_of([Logged(slot, "c", "a", 0.5, 1, 0) for slot in ("tone", "offer")])


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    """Of two policies, one that keeps to the usual option and one that does not."""
    logging = [policy(0.7 * USUAL + 0.3 * UNIFORM), policy(UNIFORM)]
    return [drawn(logging, 1000, np.random.default_rng([7, run])) for run in range(RUNS)]


TARGET = policy(0.3 * UNIFORM + 0.7 * BEST)


def errors(method: Estimator, samples: Sequence[Sample]) -> np.ndarray:
    return np.array([method(one, TARGET).value - worth(TARGET) for one in samples])


@pytest.mark.parametrize("method", [inverse_propensity, self_normalised, doubly_robust])
def test_the_interval_covers_the_truth_and_nothing_leans(
    method: Estimator, samples: list[Sample]
) -> None:
    found = [method(one, TARGET).interval for one in samples]
    covered = np.mean([low <= worth(TARGET) <= high for low, high in found])
    # No wider than it must be, either: 0.98 is 2.8 standard errors above 0.95.
    assert 0.92 <= covered <= 0.98
    off = errors(method, samples)
    assert abs(off.mean()) < 3 * off.std() / math.sqrt(RUNS)


def test_the_model_and_the_ratio_lessen_the_error(samples: list[Sample]) -> None:
    plain, ratio, robust = (
        np.square(errors(method, samples)).mean()
        for method in (inverse_propensity, self_normalised, doubly_robust)
    )
    assert robust < 0.75 * plain
    assert ratio < 0.75 * plain


def test_the_interval_of_a_gain_covers_it(samples: list[Sample]) -> None:
    present = policy(USUAL)
    truth = worth(TARGET) - worth(present)
    gains = [compare(one, TARGET, present).gain.interval for one in samples]
    assert np.mean([low <= truth <= high for low, high in gains]) >= 0.92


def test_the_simulated_world_is_what_it_says() -> None:
    """Else the truth that all is held against would be none."""
    seen = drawn([policy(UNIFORM)], 200_000, np.random.default_rng(3))
    assert float(seen.reward.mean()) == pytest.approx(worth(policy(UNIFORM)), abs=0.005)
    assert seen.options == SLOT.options
    assert set(seen.propensity.round(9)) == {round(1 / 3, 9)}
