"""The quality figures against hand-worked and published values."""

import math

import pytest

from services.feedback.domain.quality import Group, Quality, Share, by_intent


# Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3.
@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_as_published(part: int, whole: int, low: float, high: float) -> None:
    found = Share(part, whole).interval
    assert found == pytest.approx((low, high), abs=6e-5)


def test_of_nothing_nothing_is_known() -> None:
    assert Share(0, 0).interval == (0.0, 1.0)
    assert math.isnan(Share(0, 0).value)
    assert math.isnan(Quality(()).satisfaction)


def test_figures_of_a_worked_example() -> None:
    groups = (
        Group("refund", "answer", "good", 6, ratings=3, stars=14, satisfied=3),
        Group("refund", "answer", "bad", 2, ratings=1, stars=1),
        Group("refund", "ask", "unknown", 1),
        Group("refund", "escalate", "unknown", 3),
        Group("refund", "draft", "good", 1),
        Group("transfer", "escalate", "unknown", 20),
    )
    transfer, refund = by_intent(groups).values()
    assert (transfer.responses, transfer.automation.value) == (20, 0.0)
    assert refund.responses == 13
    assert refund.automation == Share(9, 13)
    # A draft is no automatic reply, and nobody's silence is a success.
    assert [refund.judged(verdict) for verdict in ("good", "bad", "unknown")] == [6, 2, 1]
    assert refund.wrong == Share(2, 8)
    assert refund.satisfaction == 15 / 4
    assert refund.satisfied == Share(3, 4)
    assert Quality(groups).automation == Share(9, 33)
