"""What is served of the fitted models; numpy alone."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.personalize.domain.histories import Doubles, Floats, Histories, Indices


@dataclass(frozen=True)
class Neighbours:
    """Item to item: entries starts[i] to starts[i + 1] tell which items a past item i speaks for.

    starts: int64 [items + 1]; items: int32 [entries]; weights: float32 [entries].
    """

    starts: Indices
    items: NDArray[np.int32]
    weights: Floats

    def scores(self, histories: Histories, strengths: Floats) -> Floats:
        """The neighbours of all that a customer did, summed."""
        entries, found = self._found(histories.items)
        size = len(self.starts) - 1
        places = histories.customers[entries] * size + self.items[found]
        added = strengths[entries] * self.weights[found]
        summed = np.bincount(places, weights=added, minlength=len(histories) * size)
        return summed.astype(np.float32).reshape(len(histories), size)

    def contributions(self, past: Indices, strengths: Floats, items: Indices) -> Floats:
        entries, found = self._found(past)
        columns = np.full(len(self.starts) - 1, -1)
        columns[items] = np.arange(len(items))
        column = columns[self.items[found]]
        wanted = column >= 0
        result = np.zeros((len(past), len(items)), np.float32)
        rows = entries[wanted]
        result[rows, column[wanted]] = strengths[rows] * self.weights[found[wanted]]
        return result

    def _found(self, past: Indices) -> tuple[Indices, Indices]:
        """For every neighbour of every entry of `past`: which entry, and where it stands."""
        counts = self.starts[past + 1] - self.starts[past]
        entries = np.repeat(np.arange(len(past)), counts)
        before = np.cumsum(counts) - counts
        return entries, np.arange(len(entries)) + (self.starts[past] - before)[entries]


@dataclass(frozen=True)
class Factors:
    """Matrix factorisation of implicit feedback (Hu, Koren, Volinsky 2008).

    items: float32 [items, factors]. A customer's own factors are solved for from their history, so
    a new one needs no training. The confidence in an entry is `alpha` times its strength.
    """

    items: Floats
    regularisation: float
    alpha: float

    def scores(self, histories: Histories, strengths: Floats) -> Floats:
        result: Floats = self.folded_in(histories, strengths) @ self.items.T
        for customer in range(len(histories)):
            entries = slice(*histories.starts[customer : customer + 2])
            own = histories.items[entries]
            result[customer, own] -= self._towards(own, strengths[entries], own).diagonal()
        return result

    def folded_in(self, histories: Histories, strengths: Floats) -> Floats:
        """float32 [customers, factors]: the least-squares solution for each, items held fixed."""
        result = np.zeros((len(histories), self.items.shape[1]), np.float32)
        for customer in range(len(histories)):
            entries = slice(*histories.starts[customer : customer + 2])
            past, confidence = self.items[histories.items[entries]], self.alpha * strengths[entries]
            if len(past):
                result[customer] = np.linalg.solve(
                    self._system(past, confidence), past.T @ confidence
                )
        return result

    def contributions(self, past: Indices, strengths: Floats, items: Indices) -> Floats:
        """The sum over the history that a score is equal to (section 5 of the paper)."""
        return np.where(past[:, None] == items, 0, self._towards(past, strengths, items))

    def _towards(self, past: Indices, strengths: Floats, items: Indices) -> Floats:
        """float32 [past, items]: contributions, with those of entries to their own items."""
        own, confidence = self.items[past], self.alpha * strengths
        solved = np.linalg.solve(self._system(own, confidence), self.items[items].T)
        return np.asarray(own @ solved * confidence[:, None], np.float32)

    @cached_property
    def _gram(self) -> Doubles:
        exact = self.items.astype(np.float64)
        gram: Doubles = exact.T @ exact
        return gram + self.regularisation * np.eye(exact.shape[1])

    def _system(self, past: Floats, confidence: Floats) -> Doubles:
        """What a customer's factors are the solution of; [factors, factors]."""
        exact = past.astype(np.float64)
        return self._gram + (exact.T * (confidence - 1.0)) @ exact
