"""A logistic regression that is served: curves over numbers, one weight for each category."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.personalize.behaviour.schema import Floats

Indices = NDArray[np.int64]

STRAIGHT: Final = 0
"""The number itself."""
LOGARITHM: Final = 1
"""log(1 + how far the number lies above `knot`)."""
HINGE: Final = 2
"""How far the number lies above `knot`, 0 below it."""
ABSENT: Final = 3
"""1 where the value is missing."""
LEVEL: Final = 4
"""1 where the category's code is `knot`."""


@dataclass(frozen=True)
class Features:
    """Features of single columns, one entry each.

    column: int64, which column; shape: int64, one of the above; knot: float64.
    fill: float64 [columns], what stands for a missing number; no code of a category.
    """

    column: Indices
    shape: Indices
    knot: Floats
    fill: Floats

    def of(self, values: Floats) -> Floats:
        """float64 [rows, features] for cells [rows, columns]."""
        missing = np.isnan(values)
        filled = np.where(missing, self.fill, values)[:, self.column]
        above = np.maximum(filled - self.knot, 0)
        return np.select(
            [self.shape == shape for shape in (STRAIGHT, LOGARITHM, HINGE, ABSENT)],
            [filled, np.log1p(above), above, missing[:, self.column]],
            filled == self.knot,
        ).astype(np.float64)


@dataclass(frozen=True)
class Linear:
    """Log-odds are `bias` plus the features' distances from their mean, times their weights.

    centre, weight: float64 [features].
    """

    features: Features
    centre: Floats
    weight: Floats
    bias: float

    def parts(self, values: Floats) -> tuple[float, Floats]:
        """The log-odds of the mean row, and what each column adds to them [rows, columns]."""
        terms = (self.features.of(values) - self.centre) * self.weight
        parts = np.zeros(values.shape)
        np.add.at(parts.T, self.features.column, terms.T)
        return self.bias, parts

    def log_odds(self, values: Floats) -> Floats:
        """float64 [rows]."""
        odds: Floats = (self.features.of(values) - self.centre) @ self.weight + self.bias
        return odds

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything by name, to be stored."""
        return {
            "column": self.features.column,
            "shape": self.features.shape,
            "knot": self.features.knot,
            "fill": self.features.fill,
            "centre": self.centre,
            "weight": self.weight,
            "bias": np.array(self.bias),
        }

    @staticmethod
    def stored(arrays: Mapping[str, NDArray[np.generic]]) -> "Linear":
        """What `arrays` gave. Raises KeyError."""
        features = Features(
            arrays["column"].astype(np.int64),
            arrays["shape"].astype(np.int64),
            arrays["knot"].astype(np.float64),
            arrays["fill"].astype(np.float64),
        )
        centre, weight = (arrays[name].astype(np.float64) for name in ("centre", "weight"))
        return Linear(features, centre, weight, float(arrays["bias"].astype(np.float64)))
