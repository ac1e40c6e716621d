"""The coming days of a daily series, from the days before.

The forecast is a mean of simple ones, each weighing by how well it did on the series' own past, so
that a steady week, a trend and a sudden change are all met.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEEK = 7
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


class Forecast(NamedTuple):
    """Amounts of the coming days [horizon], and the standard deviation of their sum's error after
    each day [horizon]."""

    days: Floats
    error: Floats


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
