"""Figures of predictions, against ones worked out by hand and by scikit-learn."""

import math

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from services.classify.evaluation import metrics
from services.classify.evaluation.metrics import Predictions
from services.classify.training.report import calibration_error


def predictions(
    truth: list[int], guess: list[int], confidence: list[float], likelihood: list[float]
) -> Predictions:
    return Predictions(np.array(truth), np.array(guess), np.array(confidence), np.array(likelihood))


@pytest.fixture(scope="module")
def drawn() -> Predictions:
    """400 messages of 6 labels, one of which is never true and one never guessed."""
    rng = np.random.default_rng(1)
    truth, guess = rng.integers(0, 5, 400), rng.integers(1, 6, 400)
    confidence = rng.uniform(0.2, 1, 400)
    return Predictions(truth, guess, confidence, np.where(truth == guess, confidence, 0.1))


def test_figures_of_four_messages() -> None:
    told = metrics.figures(
        predictions([0, 0, 1, 1], [0, 1, 1, 1], [0.9, 0.8, 0.9, 0.6], [0.9, 0.2, 0.9, 0.6])
    )
    assert (told.rows, told.accuracy) == (4, 0.75)
    assert told.macro_f1 == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert told.log_loss == pytest.approx(-sum(map(math.log, (0.9, 0.2, 0.9, 0.6))) / 4)
    assert told.ece == pytest.approx((2 * 0.1 + 0.8 + 0.4) / 4)


def test_a_sure_mistake_has_a_finite_log_loss() -> None:
    assert 20 < metrics.figures(predictions([0], [1], [1.0], [0.0])).log_loss < 30


def test_figures_agree_with_scikit_learn(drawn: Predictions) -> None:
    occurring = sorted(set(drawn.truth.tolist()))
    expected = f1_score(drawn.truth, drawn.guess, labels=occurring, average="macro")
    assert metrics.figures(drawn).macro_f1 == pytest.approx(expected)
    counts = metrics.confusion(drawn, 6)
    precision, recall, f1, rows = precision_recall_fscore_support(
        drawn.truth, drawn.guess, labels=range(6), zero_division=0
    )
    for found in metrics.by_label(counts):
        assert (found.precision or 0) == pytest.approx(precision[found.label])
        assert (found.recall or 0) == pytest.approx(recall[found.label])
        assert found.f1 == pytest.approx(f1[found.label])
        assert found.rows == rows[found.label]


def test_what_cannot_be_known_of_a_label_is_not_told_as_zero(drawn: Predictions) -> None:
    found = metrics.by_label(metrics.confusion(drawn, 6))
    assert found[0].precision is None
    assert found[0].recall == 0
    assert found[5].recall is None
    assert found[5].precision == 0


def test_confused_pairs_come_with_the_most_frequent_first() -> None:
    counts = np.array([[5, 2, 0], [3, 9, 0], [0, 1, 4]])
    assert metrics.confused(counts, 2) == [(1, 0, 3), (0, 1, 2)]
    assert metrics.confused(counts, 30)[-1] == (2, 1, 1)


def test_bins_make_the_calibration_error(drawn: Predictions) -> None:
    bins = metrics.reliability(drawn.confidence, drawn.right)
    assert sum(told.rows for told in bins) == 400
    error = sum(told.rows / 400 * abs(told.confidence - told.accuracy) for told in bins)
    expected = calibration_error(drawn.confidence.astype(np.float32), drawn.right)
    assert error == pytest.approx(expected, abs=1e-6)
    assert all(told.lower <= told.confidence <= told.upper for told in bins)


def test_risk_coverage_of_five_messages() -> None:
    confidence = np.array([0.5, 0.9, 0.8, 0.7, 0.6])
    right = np.array([False, True, True, False, True])
    curve = metrics.risk_coverage(confidence, right)
    assert curve.coverage.tolist() == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 4, 2 / 5])
    assert curve.area == pytest.approx((1 / 3 + 1 / 4 + 2 / 5) / 5)
    assert curve.coverage_at(0.05) == pytest.approx(0.4)
    assert curve.coverage_at(0.3) == pytest.approx(0.8)
    assert metrics.risk_coverage(confidence[:1], right[:1]).coverage_at(0.05) == 0


def test_messages_of_equal_confidence_are_answered_together() -> None:
    """Whichever of them is wrong, nothing may change."""
    confidence = np.array([0.9, 0.7, 0.7, 0.7, 0.7])
    curves = [
        metrics.risk_coverage(confidence, np.array([True, *(i != wrong for i in range(4))]))
        for wrong in range(4)
    ]
    assert {curve.area for curve in curves} == {curves[0].area}
    assert curves[0].coverage.tolist() == [0.2, 1.0]
    assert curves[0].coverage_at(0.1) == pytest.approx(0.2)


def test_a_model_that_knows_its_mistakes_has_the_smaller_area() -> None:
    right = np.array([True] * 80 + [False] * 20)
    knowing = metrics.risk_coverage(np.linspace(1, 0, 100), right)
    unknowing = metrics.risk_coverage(np.linspace(0, 1, 100), right)
    assert knowing.area < 0.03
    assert unknowing.area > 0.4
    assert knowing.coverage_at(0.05) == pytest.approx(0.84)
