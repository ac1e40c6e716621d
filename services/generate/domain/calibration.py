"""From what retrieval found to a probability: is the best entry the answer to this message?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEATURES = ("similarity", "margin", "shared", "agreement")
"""`similarity` of the best entry, the `margin` by which it is more similar than any other (below 0
where words decided), the words it `shared` with the message (ln(1 + their weight)), and the
`agreement` of its intents with those read in the message."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic regression over `FEATURES`, fitted by the knowledge command."""

    weights: tuple[float, ...]
    bias: float

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """P(the best entry answers the message) for rows of `FEATURES`."""
        logits = features.astype(np.float64) @ np.array(self.weights) + self.bias
        scores: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0)))
        return scores


def features(
    similarity: float, margin: float, shared: float, agreement: float
) -> tuple[float, ...]:
    """`FEATURES` of the best entry; `shared` is the weight of the words."""
    return similarity, margin, math.log1p(shared), agreement


def agreement(served: Sequence[str], read: Mapping[str, float]) -> float:
    """The probability that was read for intents an entry serves, less that for all others.

    From -1 to 1; 0 when the entry names no intent or none was read. It is evidence, not a veto: the
    classifier errs more often than retrieval where retrieval is sure.
    """
    if not served:
        return 0.0
    return sum(share if intent in served else -share for intent, share in read.items())
