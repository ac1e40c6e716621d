"""The three decisions about a message, each a linear head on the features of one encoder pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

HEADS = ("intent", "sentiment", "priority")


@dataclass(frozen=True)
class Head:
    """A linear classifier with temperature scaling (Guo et al. 2017).

    weight: float32 [labels, width]; bias: float32 [labels]; temperature > 0, 1 changes nothing.
    """

    labels: tuple[str, ...]
    weight: Floats
    bias: Floats
    temperature: float

    def probabilities(self, features: Floats) -> Floats:
        """Calibrated probabilities [texts, labels] for standardised features [texts, width]."""
        return softmax((features @ self.weight.T + self.bias) / self.temperature)


class Ranked(NamedTuple):
    """A label with its calibrated probability."""

    label: str
    probability: float


@dataclass(frozen=True)
class Heads:
    """All heads, on features centred by `mean` and divided by `scale` (float32 [width] each).

    Because all of it is linear, `features @ projection + offset` are the calibrated logits of all
    heads side by side, and what a token adds to `features @ projection` it adds to the logits.
    """

    mean: Floats
    scale: Floats
    by_name: Mapping[str, Head]

    @cached_property
    def projection(self) -> Floats:
        """float32 [width, labels of all heads]."""
        weights = [self.by_name[name].weight / self.by_name[name].temperature for name in HEADS]
        return np.ascontiguousarray((np.concatenate(weights) / self.scale).T, np.float32)

    @cached_property
    def offset(self) -> Floats:
        """float32 [labels of all heads]."""
        biases = [self.by_name[name].bias / self.by_name[name].temperature for name in HEADS]
        offset: Floats = np.concatenate(biases) - self.mean @ self.projection
        return offset.astype(np.float32)

    @cached_property
    def columns(self) -> dict[str, slice]:
        """Where each head's labels stand among the logits."""
        ends = np.cumsum([len(self.by_name[name].labels) for name in HEADS])
        starts = [0, *ends[:-1]]
        return {name: slice(a, b) for name, a, b in zip(HEADS, starts, ends, strict=True)}

    def logits(self, features: Floats) -> Floats:
        """Calibrated logits [texts, labels of all heads] of raw features [texts, width]."""
        logits: Floats = features @ self.projection + self.offset
        return logits

    def ranked(
        self, name: str, logits: Floats, most: int | None = None
    ) -> list[tuple[Ranked, ...]]:
        """For each text the labels of one head, the likeliest first; at most `most` of them."""
        labels = self.by_name[name].labels
        probabilities = softmax(logits[:, self.columns[name]])
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, :most]
        chosen = np.take_along_axis(probabilities, order, axis=1)
        return [
            tuple(
                Ranked(labels[place], probability)
                for place, probability in zip(places, row, strict=True)
            )
            for places, row in zip(order.tolist(), chosen.tolist(), strict=True)
        ]


def softmax(logits: Floats) -> Floats:
    """Rows of probabilities from rows of logits."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = exponentials / exponentials.sum(axis=1, keepdims=True)
    return probabilities
