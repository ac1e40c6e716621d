"""A candidate that reads sentiment or priority worse is stopped, one as good hardly ever."""

from collections.abc import Mapping

import numpy as np
import pytest

from services.classify.retraining.heads import Marks, head_checks
from services.classify.retraining.limits import Limits
from services.classify.retraining.verdict import Check

ROWS = 900


def marks(
    seed: int, *, rows: int = ROWS, right: float = 0.8, lost: float = 0.0, gained: float = 0.0
) -> Marks:
    """A model right on a share of the rows, and a candidate that loses and gains those shares of
    all rows, each row by itself."""
    rng = np.random.default_rng(seed)
    before = (rng.random(rows) < right).astype(float)
    now_wrong = rng.random(rows) < lost / right
    now_right = rng.random(rows) < gained / (1 - right)
    after = np.where(before == 1, ~now_wrong, now_right).astype(float)
    return Marks(before, after)


def judged(heads: Mapping[str, Marks], seed: int = 0) -> list[Check]:
    rng = np.random.default_rng(seed)
    return head_checks(heads, Limits(), rng)


def failed(heads: Mapping[str, Marks], seed: int = 0) -> list[str]:
    return [check.name for check in judged(heads, seed) if not check.passed]


@pytest.mark.parametrize("bad", ["sentiment", "priority"])
def test_the_head_that_lost_is_named(bad: str) -> None:
    heads = {name: marks(1, lost=0.08 * (name == bad)) for name in ("sentiment", "priority")}
    checks = {check.name: check for check in judged(heads)}
    assert failed(heads) == [bad]
    assert checks[bad].said == f"{bad} is read worse"
    figures = checks[bad].figures
    assert figures["difference"] == pytest.approx(figures["candidate"] - figures["current"])
    assert figures["low"] < figures["difference"] < figures["high"] < -0.01


@pytest.mark.parametrize("rows", [25, 100, ROWS])
@pytest.mark.parametrize("changed", [0.01, 0.05, 0.1])
def test_a_candidate_as_good_is_hardly_ever_stopped(rows: int, changed: float) -> None:
    """Of 200 pairs that differ on so many rows, half for the better: 5 % may be told worse."""
    stopped = [
        failed(
            {
                name: marks(2 * seed + n, rows=rows, lost=changed / 2, gained=changed / 2)
                for n, name in enumerate(("sentiment", "priority"))
            },
            seed,
        )
        for seed in range(200)
    ]
    assert sum(map(bool, stopped)) <= 10


def test_what_is_lost_is_seen_nearly_always_from_four_points_on() -> None:
    """Where a twentieth of the rows changes besides, half of them for the better."""
    seen = [
        failed({"sentiment": marks(seed, lost=0.065, gained=0.025)}, seed) for seed in range(100)
    ]
    assert sum(map(bool, seen)) >= 80


def test_a_loss_of_what_may_be_lost_is_let_pass() -> None:
    allowed = [failed({"sentiment": marks(seed, lost=0.01)}, seed) for seed in range(100)]
    assert sum(map(bool, allowed)) <= 10


def test_with_fewer_than_twenty_rows_nothing_is_judged_and_it_is_said() -> None:
    lost = Marks(np.ones(20), np.zeros(20))
    assert failed({"sentiment": lost}) == ["sentiment"]
    few = Marks(np.ones(19), np.zeros(19))
    (check,) = judged({"sentiment": few})
    assert check.passed and check.said == "too few rows to judge sentiment by"
    assert check.figures == {"rows": 19.0}
    (none,) = judged({"priority": Marks(np.zeros(0), np.zeros(0))})
    assert none.passed
