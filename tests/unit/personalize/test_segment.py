"""Segments by recency, frequency and money: plain rules first, quantiles once many are known."""

from datetime import UTC, datetime, timedelta

import pytest

from services.personalize.domain.purchases import Purchases, with_purchase
from services.personalize.domain.segment import (
    ENOUGH_BUYERS,
    Buyer,
    Standards,
    segment_of,
    standards_of,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def bought(orders: int, days_ago: float, each: float = 10.0) -> Purchases:
    found = Purchases()
    for _ in range(orders):
        found = with_purchase(found, NOON - days_ago * DAY, each, None)
    return found


@pytest.mark.parametrize(
    ("orders", "days_ago", "name"),
    [
        (0, 0, "new"),
        (1, 3, "new"),
        (2, 3, "active"),
        (5, 3, "loyal"),
        (2, 100, "at_risk"),
        (9, 100, "at_risk"),
        (9, 400, "lapsed"),
    ],
)
def test_plain_rules_hold_while_nobody_else_is_known(orders: int, days_ago: int, name: str) -> None:
    found = segment_of(bought(orders, days_ago), NOON, Standards())
    assert found.name == name
    assert found.frequency == orders
    assert found.recency_days == (days_ago if orders else None)
    assert found.monetary == orders * 10.0


def test_what_is_much_and_often_is_learned_from_the_others() -> None:
    buyers = [Buyer(n * 5.0, 1 + n // 10, n * 10.0) for n in range(100)]
    standards = standards_of(buyers)
    assert segment_of(bought(2, 3, each=500.0), NOON, standards).name == "high_value"
    assert segment_of(bought(9, 3, each=1.0), NOON, standards).name == "loyal"
    assert segment_of(bought(5, 3, each=1.0), NOON, standards).name == "active"
    assert segment_of(bought(5, 380, each=1.0), NOON, standards).name == "at_risk"
    assert segment_of(bought(5, 480, each=1.0), NOON, standards).name == "lapsed"


def test_a_few_buyers_set_no_standards() -> None:
    assert standards_of([Buyer(1.0, 1, 1.0)] * (ENOUGH_BUYERS - 1)) == Standards()


def test_where_all_buy_daily_nobody_is_late_within_a_month() -> None:
    standards = standards_of([Buyer(1.0, 1, 0.0)] * 100)
    assert segment_of(bought(2, 20), NOON, standards).name == "active"
    assert standards.much is None
    assert segment_of(bought(2, 31), NOON, standards).name == "at_risk"


def test_a_purchase_in_the_future_is_one_of_today() -> None:
    assert segment_of(bought(1, -2), NOON, Standards()).recency_days == 0.0
