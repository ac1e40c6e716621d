"""When tickets come: at random, by the hour of a day, or all at once."""

import math
from collections.abc import Sequence

import numpy as np

from tests.bench.queueing.simulation import Floats

HOURS = 24
SECONDS_OF_DAY = 86_400.0


def at_random(rate: float, seconds: float, random: np.random.Generator) -> Floats:
    """A Poisson process: `rate` a second on average, for so many seconds."""
    count = random.poisson(rate * seconds)
    return np.sort(random.uniform(0.0, seconds, count))


def at_once(count: int) -> Floats:
    """All of them at second 0: a backlog."""
    return np.zeros(count)


def daily_profile(peak: float) -> tuple[float, ...]:
    """Each hour's rate over the day's mean: quiet nights, one hour with `peak` times the mean.

    A wave with its top at noon, `exp(k * cos)`, scaled to mean 1, with k such that its top is
    `peak` (from 1 to 24). Raises ValueError outside.
    """
    if not 1 <= peak < HOURS:
        raise ValueError("a peak is from 1 to below 24 times the mean")
    low, high = 0.0, 200.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if max(_wave(middle)) < peak else (low, middle)
    return _wave(high)


def _wave(sharpness: float) -> tuple[float, ...]:
    # Less the exponent of the top, so that nothing overflows.
    heights = [
        math.exp(sharpness * (math.cos(2 * math.pi * (hour - 12) / HOURS) - 1))
        for hour in range(HOURS)
    ]
    mean = sum(heights) / HOURS
    return tuple(height / mean for height in heights)


def hourly_rates(tickets_a_day: float, profile: Sequence[float]) -> list[float]:
    """Tickets a second in each hour."""
    mean = tickets_a_day / SECONDS_OF_DAY
    return [mean * share for share in profile]
