"""Figures of probabilities against values computed by hand and by scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss

from services.personalize.behaviour.figures import (
    auc,
    brier,
    calibration_error,
    figures,
    log_loss,
    table,
)


def test_a_tie_is_half_a_success() -> None:
    scores, truth = np.array([0.1, 0.5, 0.5, 0.9]), np.array([False, False, True, True])
    assert auc(scores, truth) == 3.5 / 4
    assert auc(-scores, truth) == 0.5 / 4


def test_squared_error_logarithm_and_calibration_by_hand() -> None:
    probabilities, truth = np.array([0.2, 0.2, 0.8]), np.array([False, True, True])
    assert brier(probabilities, truth) == pytest.approx((0.04 + 0.64 + 0.04) / 3)
    assert log_loss(probabilities, truth) == pytest.approx(-np.log([0.8, 0.2, 0.8]).mean())
    # Two rows say 0.2 where half have it, one says 0.8 and has it.
    assert calibration_error(probabilities, truth) == pytest.approx((2 * 0.3 + 0.2) / 3)


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=2, max_size=40))
def test_they_are_scikit_learns(rows: list[tuple[int, bool]]) -> None:
    probabilities = np.array([tenths / 10 for tenths, _ in rows])
    truth = np.array([label for _, label in rows])
    assert brier(probabilities, truth) == pytest.approx(brier_score_loss(truth, probabilities))
    if truth.any() and not truth.all():
        assert auc(probabilities, truth) == pytest.approx(roc_auc_score(truth, probabilities))
        assert log_loss(probabilities, truth) == pytest.approx(
            sklearn_log_loss(truth, probabilities)
        )


def test_the_intervals_hold_the_figures_and_come_again() -> None:
    random = np.random.default_rng(0)
    probabilities = random.random(400)
    truth = random.random(400) < probabilities
    folds = [np.arange(0, 200), np.arange(200, 400)]
    told = figures(probabilities, truth, folds, seed=3)
    assert told == figures(probabilities, truth, folds, seed=3)
    for name in ("auc", "brier", "log_loss"):
        found, bounds = told[name], told[f"{name}_95"]
        assert isinstance(found, float) and isinstance(bounds, list)
        low, high = bounds
        assert low < found < high
    assert told["base_rate"] == pytest.approx(truth.mean(), abs=1e-4)
    assert f"{told['auc']:.4f}" in table(told)
