"""From what retrieval found to a probability: is the best entry the answer to this message?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEATURES = ("similarity", "margin", "covered")
"""`similarity` of the best entry, the `margin` by which it is ahead of the second one, and the
share of the message's words `covered` by it."""


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
    similarities: NDArray[np.float32], covered: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Rows of `FEATURES` from similarities [messages, entries], best first, and covered words
    [messages]. With one entry only, the second is taken to be unrelated (similarity 0)."""
    best = similarities[:, 0]
    second = similarities[:, 1] if similarities.shape[1] > 1 else np.zeros_like(best)
    return np.stack([best, best - second, covered], axis=1)
