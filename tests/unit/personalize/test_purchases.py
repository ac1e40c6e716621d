"""Orders less returns, and money that adds up."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.personalize.domain.amounts import amount, millionths
from services.personalize.domain.purchases import (
    MOST_ORDERS,
    Purchases,
    with_purchase,
    with_return,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_return_takes_an_order_back_and_its_money_too() -> None:
    bought = with_purchase(with_purchase(Purchases(), NOON, 39.9, None), NOON + DAY, 10.0, None)
    left = with_return(bought, NOON + 2 * DAY, 10.0, None)
    assert (bought.count, amount(bought.spent), bought.last_at) == (2, 49.9, NOON + DAY)
    assert (left.count, amount(left.spent), left.last_at) == (1, 39.9, NOON + DAY)


def test_what_is_paid_back_is_less_money_whatever_its_sign() -> None:
    bought = with_purchase(Purchases(), NOON, 30.0, None)
    assert with_return(bought, NOON, 30.0, None) == with_return(bought, NOON, -30.0, None)


def test_the_lines_of_one_order_are_one_order() -> None:
    bought = Purchases()
    for _ in range(3):
        bought = with_purchase(bought, NOON, 5.0, "o1")
    assert bought.count == 1
    one_back = with_return(bought, NOON, 5.0, "o1")
    assert one_back.count == 1
    nothing_left = with_return(with_return(one_back, NOON, 5.0, "o1"), NOON, 5.0, "o1")
    assert (nothing_left.count, nothing_left.spent) == (0, 0)


def test_a_return_that_comes_before_its_purchase_counts_when_that_comes() -> None:
    early = with_return(Purchases(), NOON, 5.0, None)
    assert early.count == 0
    assert with_purchase(early, NOON - DAY, 5.0, None).count == 0


def test_old_orders_still_count_when_they_are_no_longer_told_apart() -> None:
    bought = Purchases()
    for number in range(MOST_ORDERS * 2):
        bought = with_purchase(bought, NOON + number * DAY, 1.0, f"o{number}")
    assert bought.count == MOST_ORDERS * 2
    assert len(bought.orders) == MOST_ORDERS


@given(st.lists(st.floats(0, 1e8), min_size=1, max_size=30), st.randoms())
def test_sums_are_the_same_in_any_order(values: list[float], order: object) -> None:
    shuffled = list(values)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    sums = []
    for amounts in (values, shuffled):
        bought = Purchases()
        for value in amounts:
            bought = with_purchase(bought, NOON, value, None)
        sums.append(bought.spent)
    assert sums[0] == sums[1] == sum(millionths(value) for value in values)


def test_no_slip_of_an_upstream_breaks_what_a_database_can_keep() -> None:
    bought = Purchases()
    for _ in range(20):
        bought = with_purchase(bought, NOON, 1.7e308, None)
    assert bought.spent < 2**63
