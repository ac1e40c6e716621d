"""Where a customer stands among all buyers, by recency, frequency and monetary value (Hughes 1994,
"Strategic Database Marketing")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import numpy as np

from services.personalize.domain.amounts import amount
from services.personalize.domain.purchases import Purchases

Name = Literal["new", "active", "loyal", "high_value", "at_risk", "lapsed"]

ENOUGH_BUYERS = 50
"""With fewer buyers their quantiles are chance, and plain rules hold."""
DAY = timedelta(days=1)


class Buyer(NamedTuple):
    """Days since the last purchase, orders, and what they were worth."""

    recency_days: float
    frequency: int
    monetary: float


@dataclass(frozen=True, slots=True)
class Standards:
    """What counts as long ago (`late`, then `lapsed`, in days), as often (orders) and as much
    (money; None while nothing tells what is much)."""

    late: float = 90.0
    lapsed: float = 365.0
    often: float = 5.0
    much: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """`recency_days` is None for who never bought."""

    name: Name
    recency_days: float | None
    frequency: int
    monetary: float


def buyer(purchases: Purchases, now: datetime) -> Buyer | None:
    """The customer as a buyer, if they are one."""
    if not purchases.count or purchases.last_at is None:
        return None
    days = max(0.0, (now - purchases.last_at) / DAY)
    return Buyer(days, purchases.count, amount(purchases.spent))


def standards_of(buyers: Sequence[Buyer]) -> Standards:
    """By the quantiles of many buyers; the plain ones while there are few.

    However fast most of them buy, nobody is late within a month or has lapsed within a quarter, and
    two orders are not often.
    """
    if len(buyers) < ENOUGH_BUYERS:
        return Standards()
    late, lapsed = np.quantile([one.recency_days for one in buyers], [0.75, 0.9]).tolist()
    often = float(np.quantile([one.frequency for one in buyers], 0.8))
    much = float(np.quantile([one.monetary for one in buyers], 0.8))
    return Standards(
        max(30.0, late), max(90.0, lapsed), max(3.0, often), much if much > 0 else None
    )


def segment_of(purchases: Purchases, now: datetime, standards: Standards) -> Segment:
    """The customer's segment as of `now`."""
    found = buyer(purchases, now)
    if found is None:
        return Segment("new", None, 0, amount(purchases.spent))
    name = _name(found, standards)
    return Segment(name, round(found.recency_days, 2), found.frequency, found.monetary)


def _name(buyer: Buyer, standards: Standards) -> Name:
    if buyer.recency_days > standards.lapsed:
        return "lapsed"
    if buyer.recency_days > standards.late:
        return "at_risk"
    if standards.much is not None and buyer.monetary >= standards.much:
        return "high_value"
    if buyer.frequency >= standards.often:
        return "loyal"
    return "new" if buyer.frequency == 1 else "active"
