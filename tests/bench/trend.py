"""Whether something grows: the slope of measurements over time, with its interval. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

BLOCKS = 10
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Trend:
    """Growth a second, and the interval that holds the true one with a probability of 0.95."""

    slope: float
    low: float
    high: float

    @property
    def may_be_flat(self) -> bool:
        """No growth was shown."""
        return self.low <= 0.0


def trend(seconds: ArrayLike, values: ArrayLike) -> Trend:
    """The straight line through the means of ten blocks, by least squares.

    Means of blocks, for neighbours in time resemble each other: taken one by one they would seem
    to know more than they do (batch means; Law, Simulation Modeling and Analysis, 9.5.3). Student's
    t with 8 degrees of freedom. Raises ValueError for fewer than two measurements a block.
    """
    moments, measured = np.asarray(seconds, float), np.asarray(values, float)
    if len(moments) < 2 * BLOCKS:
        raise ValueError(f"{len(moments)} measurements are too few for a trend")
    at = np.array([block.mean() for block in np.array_split(moments, BLOCKS)])
    mean = np.array([block.mean() for block in np.array_split(measured, BLOCKS)])
    centred = at - at.mean()
    spread = float(centred @ centred)
    slope = float(centred @ mean) / spread
    left = mean - mean.mean() - slope * centred
    error = float(np.sqrt((left @ left) / (BLOCKS - 2) / spread))
    margin = float(student.ppf((1 + CONFIDENCE) / 2, BLOCKS - 2)) * error
    return Trend(slope, slope - margin, slope + margin)
