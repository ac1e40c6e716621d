"""A worse model is rolled back soon, one that is no worse hardly ever, however often one looks."""

import math

import numpy as np
import pytest

from services.feedback.domain.learning.watch import (
    Decision,
    Measure,
    Tally,
    Watch,
    decide,
    evidence,
)

WATCH = Watch(delta=0.1, margin=0.02)
MEASURES: tuple[Measure, ...] = ("acceptance", "verified_resolution")


def rolled_back_after(
    seed: int, rate: float, *, before: float = 0.9, most: int = 1500, each: int = 10
) -> int | None:
    """Outcomes a measure until it is rolled back; `most` are looked at, every `each` of them."""
    rng = np.random.default_rng(seed)
    earlier: dict[Measure, Tally] = {}
    for measure in MEASURES:
        good = int(rng.binomial(1000, before))
        earlier[measure] = Tally(good, 1000 - good)
    live = dict.fromkeys(MEASURES, Tally(0, 0))
    for seen in range(each, most + 1, each):
        for measure in MEASURES:
            good = int(rng.binomial(each, rate))
            tally = live[measure]
            live[measure] = Tally(tally.good + good, tally.bad + each - good)
        if decide(earlier, live, WATCH).roll_back:
            return seen
    return None


def test_a_model_as_good_as_before_is_hardly_ever_rolled_back() -> None:
    """100 promotions looked at 150 times each; 10 % of them may be wrong."""
    wrongly = [rolled_back_after(seed, 0.9) for seed in range(100)]
    assert sum(told is not None for told in wrongly) <= 10


def test_at_the_rate_it_is_held_to_the_sequential_test_keeps_its_level() -> None:
    """The hardest case: exactly the least rate, looked at after each of 1000 outcomes. Of 200
    walks at most 10 % may ever reach 10; more than 30 would be 2.4 standard errors above."""
    rng = np.random.default_rng(0)
    reached = 0
    for _ in range(200):
        good = np.add.accumulate(rng.random(1000) < 0.8).tolist()
        reached += any(
            evidence(Tally(k, n - k), 0.8) >= 10 for n, k in enumerate(good, 1) if n % 5 == 0
        )
    assert 0 < reached <= 30


@pytest.mark.parametrize(("rate", "median"), [(0.75, 150), (0.6, 50)])
def test_a_fall_is_noticed_within_a_stated_number_of_outcomes(rate: float, median: int) -> None:
    delays = [rolled_back_after(seed, rate) for seed in range(40)]
    assert None not in delays
    assert np.median([delay or 0 for delay in delays]) <= median


def test_a_fall_within_the_margin_is_let_pass() -> None:
    assert sum(rolled_back_after(seed, 0.88) is not None for seed in range(30)) <= 3


def test_the_evidence_by_hand() -> None:
    # One bad outcome, least 0.8: the mean of (1 - q) / 0.2 over q up to 0.8 is (1 - 0.4) / 0.2.
    assert evidence(Tally(0, 1), 0.8) == pytest.approx(3.0)
    # One good one: the mean of q / 0.8.
    assert evidence(Tally(1, 0), 0.8) == pytest.approx(0.5)
    # Two bad ones: the mean of (1 - q)^2 over 0.2^2, (1 - 0.2^3) / 3 / 0.8 / 0.04.
    assert evidence(Tally(0, 2), 0.8) == pytest.approx(0.992 / 3 / 0.8 / 0.04, rel=1e-4)
    assert evidence(Tally(0, 0), 0.8) == 1.0
    assert math.isfinite(evidence(Tally(0, 10**6), 0.99))


def fallen() -> Decision:
    return decide(
        {"acceptance": Tally(900, 100), "verified_resolution": Tally(800, 200)},
        {"acceptance": Tally(20, 40), "verified_resolution": Tally(50, 10)},
        WATCH,
    )


def test_the_decision_tells_its_figures_and_what_fell() -> None:
    decision = fallen()
    acceptance, resolution = decision.figures
    assert decision.roll_back and acceptance.falls and not resolution.falls
    # Two measures share delta, and two ways to err each share.
    assert acceptance.needed == pytest.approx(40.0)
    # Clopper and Pearson: 900 of 1000 at 97.5 % one-sided is 0.8797.
    assert acceptance.least == pytest.approx(0.8797 - 0.02, abs=1e-4)
    assert decision.reason.startswith(
        "acceptance: 20 of 60 good, before 900 of 1000, at least 0.86"
    )


def test_what_nobody_judged_before_is_not_watched() -> None:
    assert decide({}, {"acceptance": Tally(0, 99)}, WATCH) == Decision(False, ())
    before: dict[Measure, Tally] = {"acceptance": Tally(9, 1), "verified_resolution": Tally(0, 0)}
    decision = decide(before, {}, WATCH)
    assert [one.measure for one in decision.figures] == ["acceptance"]
    assert decision.figures[0].needed == pytest.approx(20.0)
    assert not decision.roll_back and not decision.reason


def test_few_outcomes_before_hold_it_to_little() -> None:
    few = decide({"acceptance": Tally(9, 1)}, {"acceptance": Tally(10, 10)}, WATCH)
    many = decide({"acceptance": Tally(900, 100)}, {"acceptance": Tally(10, 10)}, WATCH)
    assert many.roll_back and not few.roll_back
