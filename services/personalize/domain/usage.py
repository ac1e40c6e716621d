"""How much of their plan a customer will use, and when it will be too much.

Usage is summed up by day in UTC, and the coming days are forecast from the customer's own past.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from services.personalize.domain.forecasting import MOST_DAYS, Floats, Forecast, forecast

DAY = timedelta(days=1)
ENOUGH_DAYS = 14
"""Whole days of history below which a customer is told by the prior: a week has to repeat."""
_EIGHTY = 1.2816
"""Standard deviations between which 80 % of a normal distribution lie, to either side."""


@dataclass(frozen=True, slots=True)
class Used:
    """An amount of one meter that was used, in the plan's unit."""

    at: datetime
    amount: float


@dataclass(frozen=True, slots=True)
class Prior:
    """What customers of a plan use a day: how many were counted, the sum, the sum of squares."""

    customers: int = 0
    total: float = 0.0
    squares: float = 0.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a customer will have used when the period ends.

    probability: that it is more than the allowance. expected, low, high: the total, and between
    which it lies with 80 % probability. exceeds_at: when the allowance is expected to be used up,
    or when it was; None if not within the period. lead_days: from now until then, 0 when past.
    cold: too few `days` are known, and what is still to come is the prior's.
    """

    used: float
    expected: float
    low: float
    high: float
    probability: float
    exceeds_at: datetime | None
    lead_days: float | None
    days: int
    cold: bool


def with_customer(prior: Prior, per_day: float) -> Prior:
    """One more customer, who uses so much a day."""
    return Prior(prior.customers + 1, prior.total + per_day, prior.squares + per_day**2)


def daily(records: Iterable[Used], now: datetime) -> Floats:
    """The amounts of whole days, the oldest first: from the first record's day to yesterday.

    At most MOST_DAYS; a day without records is 0, and corrections do not bring a day below it.
    """
    today = _day(now)
    past = [record for record in records if record.at < today]
    if not past:
        return np.zeros(0)
    first = max(_day(min(record.at for record in past)), today - MOST_DAYS * DAY)
    days = np.zeros((today - first) // DAY)
    for record in past:
        if record.at >= first:
            days[(record.at - first) // DAY] += record.amount
    return np.maximum(days, 0)


def will_exceed(
    records: Sequence[Used],
    allowance: float,
    period: tuple[datetime, datetime],
    now: datetime,
    prior: Prior = Prior(),
) -> Outlook:
    """Whether more than `allowance` will be used from the period's start to its end, as of `now`.

    Without a prior a cold customer is expected to use the allowance evenly.
    """
    start, end = period
    known = [record for record in records if record.at <= now]
    inside = sorted(
        (record for record in known if start <= record.at < end), key=lambda record: record.at
    )
    used = sum(record.amount for record in inside)
    days = daily(known, now)
    cold = len(days) < ENOUGH_DAYS
    since = max(now, start)
    shares = _shares(now, since, end)
    coming = _of_prior(prior, allowance / ((end - start) / DAY), len(shares)) if cold else None
    coming = coming or forecast(days, max(1, len(shares)))
    amounts = coming.days[: len(shares)] * shares
    rest = float(amounts.sum())
    error = float(np.interp(shares.sum(), range(len(coming.error) + 1), [0.0, *coming.error]))
    passed = _passed(inside, allowance) if used > allowance else None
    probability = 1.0 if passed else _beyond(rest, error, allowance - used)
    exceeds_at = passed or _reached(amounts, allowance - used, now, (since, end))
    return Outlook(
        used=used,
        expected=used + rest,
        low=used + max(0.0, rest - _EIGHTY * error),
        high=used + rest + _EIGHTY * error,
        probability=probability,
        exceeds_at=exceeds_at,
        lead_days=max(0.0, (exceeds_at - now) / DAY) if exceeds_at else None,
        days=len(days),
        cold=cold,
    )


def _of_prior(prior: Prior, even: float, horizon: int) -> Forecast:
    """Every day as customers of the plan use it; how sure that is, is how much they differ."""
    mean, spread = even, even
    if prior.customers:
        mean = prior.total / prior.customers
        spread = math.sqrt(max(0.0, prior.squares / prior.customers - mean**2))
    if prior.customers < 2:
        spread = mean
    return Forecast(np.full(horizon, mean), spread * np.arange(1.0, horizon + 1))


def _shares(now: datetime, since: datetime, end: datetime) -> Floats:
    """Of today and each day after it, the share that lies between two instants."""
    today, shares = _day(now), []
    while today < end:
        shares.append(max(timedelta(), min(end, today + DAY) - max(since, today)) / DAY)
        today += DAY
    return np.array(shares)


def _passed(records: Sequence[Used], allowance: float) -> datetime | None:
    """When more than the allowance had been used."""
    used = 0.0
    for record in records:
        used += record.amount
        if used > allowance:
            return record.at
    return None


def _reached(
    amounts: Floats, left: float, now: datetime, between: tuple[datetime, datetime]
) -> datetime | None:
    """When the sum of the amounts of today and the days after it passes what is left; the amount
    of a day comes evenly."""
    today, used = _day(now), 0.0
    for number, amount in enumerate(amounts.tolist()):
        if used + amount > left:
            start = max(between[0], today + number * DAY)
            stop = min(between[1], today + (number + 1) * DAY)
            share = max(0.0, (left - used) / amount)
            reached: datetime = start + share * (stop - start)
            return reached
        used += amount
    return None


def _beyond(mean: float, error: float, limit: float) -> float:
    """The probability that an amount is above the limit; its error is held to be normal."""
    if error <= 0:
        return float(mean > limit)
    return 0.5 * math.erfc((limit - mean) / (error * math.sqrt(2)))


def _day(moment: datetime) -> datetime:
    utc = moment.astimezone(UTC)
    return utc.replace(hour=0, minute=0, second=0, microsecond=0)
