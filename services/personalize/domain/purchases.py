"""How often, how much and how lately a customer bought."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.personalize.domain.amounts import millionths, total

MOST_ORDERS = 50
"""Orders that are told apart, the newest. A purchase in one that is older counts as another."""
PURCHASED = "purchased"
RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Order:
    """`lines` are the purchases that name this order less the returns, `at` is the last of them."""

    at: datetime
    order_id: str
    lines: int


@dataclass(frozen=True, slots=True)
class Purchases:
    """`others` are purchases less returns that name no order. `spent` is in millionths, purchases
    less returns; `last_at` the last purchase."""

    others: int = 0
    spent: int = 0
    last_at: datetime | None = None
    orders: tuple[Order, ...] = ()

    @property
    def count(self) -> int:
        """Orders that were not returned; a purchase that names none is one of its own."""
        return max(0, self.others + sum(order.lines > 0 for order in self.orders))


def with_purchase(
    purchases: Purchases, at: datetime, value: float | None, order_id: str | None
) -> Purchases:
    """One more purchase, in any order."""
    last = purchases.last_at
    bought = _counted(purchases, at, 1, value or 0.0, order_id)
    return replace(bought, last_at=at if last is None else max(last, at))


def with_return(
    purchases: Purchases, at: datetime, value: float | None, order_id: str | None
) -> Purchases:
    """One purchase taken back, in any order; `value` is what was paid back, whatever its sign."""
    return _counted(purchases, at, -1, -abs(value or 0.0), order_id)


def _counted(
    purchases: Purchases, at: datetime, lines: int, value: float, order_id: str | None
) -> Purchases:
    spent = total(purchases.spent, millionths(value))
    if order_id is None:
        return replace(purchases, spent=spent, others=purchases.others + lines)
    before = next((o for o in purchases.orders if o.order_id == order_id), Order(at, order_id, 0))
    order = Order(max(at, before.at), order_id, before.lines + lines)
    others = [one for one in purchases.orders if one.order_id != order_id]
    kept = sorted([*others, order], key=lambda one: (one.at, one.order_id))
    left = kept[:-MOST_ORDERS]
    return replace(
        purchases,
        spent=spent,
        others=purchases.others + sum(one.lines > 0 for one in left),
        orders=tuple(kept[-MOST_ORDERS:]),
    )
