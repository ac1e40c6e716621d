"""The three decisions about a message, each a linear head on one sentence vector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

HEADS = ("intent", "sentiment", "priority")
_RANKED = 3


@dataclass(frozen=True)
class Head:
    """Multinomial logistic regression with temperature scaling (Guo et al. 2017).

    weight: float32 [labels, width]; bias: float32 [labels]; temperature > 0, 1 changes nothing.
    """

    labels: tuple[str, ...]
    weight: Floats
    bias: Floats
    temperature: float

    def probabilities(self, features: Floats) -> Floats:
        """Calibrated probabilities [texts, labels] for standardised features [texts, width]."""
        return softmax((features @ self.weight.T + self.bias) / self.temperature)


@dataclass(frozen=True)
class Ranked:
    """A label with its calibrated probability."""

    label: str
    probability: float


@dataclass(frozen=True)
class Reading:
    """What was read in one message. `intents` are the likeliest few, the best first.

    vector: float32 [width], the sentence vector the reading rests on.
    """

    intents: tuple[Ranked, ...]
    sentiment: Ranked
    priority: Ranked
    vector: Floats


@dataclass(frozen=True)
class Heads:
    """All heads, on vectors centred by `mean` and divided by `scale` (float32 [width] each)."""

    mean: Floats
    scale: Floats
    by_name: Mapping[str, Head]

    def read(self, vectors: Floats) -> list[Reading]:
        """One reading for each vector of [texts, width]."""
        features = (vectors - self.mean) / self.scale
        intents, sentiments, priorities = (_ranked(self.by_name[name], features) for name in HEADS)
        return [
            Reading(tuple(intent[:_RANKED]), sentiment[0], priority[0], vector)
            for intent, sentiment, priority, vector in zip(
                intents, sentiments, priorities, vectors, strict=True
            )
        ]


def softmax(logits: Floats) -> Floats:
    """Rows of probabilities from rows of logits."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = exponentials / exponentials.sum(axis=1, keepdims=True)
    return probabilities


def _ranked(head: Head, features: Floats) -> list[list[Ranked]]:
    rows: Sequence[Floats] = head.probabilities(features)  # type: ignore[assignment]
    return [
        [Ranked(head.labels[i], float(row[i])) for i in np.argsort(-row, kind="stable")]
        for row in rows
    ]
