"""How much of their plan a customer will use, and when it will be too much.

Usage is summed up by day in UTC. The forecast is a mean of simple ones, each weighing by how well
it did on the customer's own past, so that a steady week, a trend and a sudden change are all met.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAY = timedelta(days=1)
WEEK = 7
ENOUGH_DAYS = 14
"""Whole days of history below which a customer is told by the prior: a week has to repeat."""
MOST_DAYS = 112
"""Newest days looked at."""
_ORIGINS = 8
_AHEAD = 28
_TRUST = 4.0
_SLIGHTEST = 0.3
_LEVELS = (0.05, 0.15, 0.4)
"""How fast smoothed levels follow: the weight of a day against all before it."""
_DRIFTING = 0.15
"""How fast the level that has a trend follows."""
_TREND_DAYS = 84
_TINY = 1e-9
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


class Forecast(NamedTuple):
    """Amounts of the coming days [horizon], and the standard deviation of their sum's error after
    each day [horizon]."""

    days: Floats
    error: Floats


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


def seasonal_naive(days: Floats, horizon: int) -> Floats:
    """The last week over again; needs a week."""
    return np.resize(days[-WEEK:], horizon)


def forecast(days: Floats, horizon: int) -> Forecast:
    """The coming days after `days`, of which a week at least is needed.

    The forecasts that are averaged are the last week over again, and smoothed levels with and
    without a trend under a weekly pattern. Each weighs by the inverse square of its mean squared
    error on sums of up to four weeks, from several points in the past on (Bates and Granger 1969).
    The same errors tell how sure the mean is.
    """
    newest = days[-MOST_DAYS:]
    errors = [
        _errors(newest[:end], newest[end : end + _AHEAD])
        for end in range(len(newest) - WEEK, WEEK - 1, -WEEK)[:_ORIGINS]
    ]
    found = _forecasts(newest, horizon)
    if not errors:
        return Forecast(np.asarray(found.mean(axis=0)), newest.std() * np.arange(1.0, horizon + 1))
    # Divided by the number of days, so that near and far sums count alike.
    squares = [(error**2 / np.arange(1, error.shape[1] + 1)).mean(axis=1) for error in errors]
    weights = (np.mean(squares, axis=0) + _TINY) ** -2.0
    weights = weights / weights.sum()
    missed = [weights @ error for error in errors]
    return Forecast(weights @ found, _spread(missed, len(newest), horizon))


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


def _errors(before: Floats, after: Floats) -> Floats:
    """By how much every forecast's sum is short, after each day [forecasts, days]."""
    missed: Floats = after - _forecasts(before, len(after))
    return missed.cumsum(axis=1)


def _forecasts(days: Floats, horizon: int) -> Floats:
    """Every forecast of the coming days [forecasts, horizon]."""
    pattern = _weekly_pattern(days)
    coming = np.resize(pattern, horizon)
    alike = days / np.maximum(_past_shares(pattern, len(days)), _SLIGHTEST)
    levels = [np.full(horizon, _level(alike, weight)) for weight in _LEVELS]
    levels.append(_drifting(alike, horizon))
    return np.stack([seasonal_naive(days, horizon), *(np.maximum(x, 0) * coming for x in levels)])


def _weekly_pattern(days: Floats) -> Floats:
    """For the coming seven days their share of a mean day, drawn towards 1 as far as chance may
    have made them differ (empirical Bayes, Efron and Morris 1975)."""
    weeks = days[len(days) % WEEK :].reshape(-1, WEEK)
    mean = float(weeks.mean())
    if len(weeks) < 2 or mean <= 0:
        return np.ones(WEEK)
    above = weeks - weeks.mean(axis=1, keepdims=True)
    by_day = above.mean(axis=0)
    chance = float(((above - by_day) ** 2).sum()) / ((len(weeks) - 1) * (WEEK - 1)) / len(weeks)
    found = float(by_day.var(ddof=1))
    shrunken: Floats = 1 + max(0.0, 1 - chance / found) * by_day / mean if found else np.ones(WEEK)
    return np.maximum(shrunken, 0)


def _past_shares(pattern: Floats, days: int) -> Floats:
    """The pattern over the past days, of which the last is the one before the pattern's first."""
    return np.resize(np.roll(pattern, days % WEEK), days)


def _level(days: Floats, weight: float) -> float:
    """Simple exponential smoothing (Brown 1959), from the mean of the first two weeks on."""
    level = float(days[: 2 * WEEK].mean())
    for amount in days.tolist():
        level += weight * (amount - level)
    return level


def _drifting(days: Floats, horizon: int) -> Floats:
    """A smoothed level that goes on with half the past trend: the Theta method (Assimakopoulos and
    Nikolopoulos 2000), as Hyndman and Billah (2003) write it."""
    recent = days[-_TREND_DAYS:]
    place = np.arange(len(recent)) - (len(recent) - 1) / 2
    slope = float(place @ recent) / float(place @ place)
    behind = (1 - (1 - _DRIFTING) ** len(recent)) / _DRIFTING
    ahead = np.arange(horizon, dtype=np.float64) + behind
    return np.asarray(_level(days, _DRIFTING) + slope / 2 * ahead)


def _spread(errors: Sequence[Floats], days: int, horizon: int) -> Floats:
    """The standard deviation of the sum's error after each day, from errors of sums in the past.

    A few past errors are little to go by: they count together with what independent days around a
    level known from so many `days` would give, and the fewer they are, the wider it gets. Beyond
    the longest past sum the error grows as one of the level.
    """
    longest = max(len(error) for error in errors)
    single = np.concatenate([np.diff(error, prepend=0.0) for error in errors])
    ahead = np.arange(1.0, longest + 1)
    independent = float((single**2).mean()) * ahead * (1 + 2 * ahead / days)
    squares, counts = _TRUST * independent, np.full(longest, _TRUST)
    for error in errors:
        squares[: len(error)] += error**2
        counts[: len(error)] += 1
    known = np.sqrt(squares / counts * (1 + _TRUST / len(errors)))
    further = np.arange(1, horizon + 1)
    return np.asarray(known[np.minimum(further, longest) - 1] * np.maximum(further / longest, 1.0))


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
