"""The three decisions about a message, each linear in the features of one encoder pass and in the
words it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.classify.domain.lexicon import NOTHING, Lexicon, Terms

Floats = NDArray[np.float32]

HEADS = ("intent", "sentiment", "priority")


@dataclass(frozen=True)
class Head:
    """A linear classifier with temperature scaling (Guo et al. 2017).

    weight: float32 [labels, width]; bias: float32 [labels]; temperature > 0, 1 changes nothing;
    term_weight: float32 [terms, labels], or None for one that reads features only.
    """

    labels: tuple[str, ...]
    weight: Floats
    bias: Floats
    temperature: float
    term_weight: Floats | None = None


class Ranked(NamedTuple):
    """A label with its calibrated probability."""

    label: str
    probability: float


@dataclass(frozen=True)
class Heads:
    """All heads, on features centred by `mean` and divided by `scale` (float32 [width] each), and
    on the terms of a lexicon.

    Because all of it is linear, `features @ projection + offset` and what the terms add by their
    `term_projection` are the calibrated logits of all heads side by side; so what a token adds to
    `features @ projection`, or a word by its terms, it adds to the logits.
    """

    mean: Floats
    scale: Floats
    by_name: Mapping[str, Head]
    lexicon: Lexicon = NOTHING

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
    def term_projection(self) -> Floats:
        """float32 [terms, labels of all heads]."""
        heads = [self.by_name[name] for name in HEADS]
        parts = [
            np.zeros((len(self.lexicon.keys), len(head.labels)), np.float32)
            if head.term_weight is None
            else head.term_weight / np.float32(head.temperature)
            for head in heads
        ]
        return np.concatenate(parts, axis=1)

    @cached_property
    def columns(self) -> dict[str, slice]:
        """Where each head's labels stand among the logits."""
        ends = np.cumsum([len(self.by_name[name].labels) for name in HEADS])
        starts = [0, *ends[:-1]]
        return {name: slice(a, b) for name, a, b in zip(HEADS, starts, ends, strict=True)}

    def logits(self, features: Floats, terms: Terms) -> Floats:
        """Calibrated logits [texts, labels of all heads] of raw features [texts, width] and the
        terms of the same texts."""
        logits: Floats = features @ self.projection + self.offset
        return logits + terms.logits(self.term_projection)

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
