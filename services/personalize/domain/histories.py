"""Histories of customers as columns of numbers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_PAST = 500
"""Entries of a history that speak for items, the newest: bounds the work for one customer."""


@dataclass(frozen=True, slots=True)
class Past:
    """One item a customer had to do with. `weight` from 0 to 1 says how much it speaks for them
    liking it; one that is `owned` is not offered again."""

    item: str
    weight: float
    owned: bool = True


@dataclass(frozen=True)
class Histories:
    """What customers did: entries starts[c] to starts[c + 1] are customer c's, oldest first, each
    item once.

    starts: int64 [customers + 1]; items: int64 [entries], numbers of items; weights: float32
    [entries]; owned: bool [entries].
    """

    starts: Indices
    items: Indices
    weights: Floats
    owned: Flags

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def customers(self) -> Indices:
        """int64 [entries]: whose each entry is."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def strengths(self, recency: float) -> Floats:
        """float32 [entries]: weight * (1 + newer entries) ** -recency; 0 leaves the weights."""
        newer = self.starts[1:][self.customers] - 1 - np.arange(len(self.items))
        faded: Floats = self.weights * (1.0 + newer).astype(np.float32) ** np.float32(-recency)
        return faded

    def of(self, customers: Indices) -> "Histories":
        """Those of some customers, in the order given."""
        counts = np.diff(self.starts)[customers]
        starts = np.concatenate([[0], np.cumsum(counts)])
        rows = np.repeat(self.starts[customers] - starts[:-1], counts) + np.arange(starts[-1])
        return Histories(starts, self.items[rows], self.weights[rows], self.owned[rows])


def newest(histories: Histories) -> Histories:
    """The newest `MOST_PAST` entries of each."""
    counts = np.diff(histories.starts)
    if not len(counts) or counts.max() <= MOST_PAST:
        return histories
    place = np.arange(len(histories.items)) - histories.starts[histories.customers]
    kept = place >= (counts - MOST_PAST)[histories.customers]
    starts = np.concatenate([[0], np.cumsum(np.minimum(counts, MOST_PAST))])
    return Histories(starts, histories.items[kept], histories.weights[kept], histories.owned[kept])


def owned(histories: Histories, repeatable: Flags) -> Flags:
    """bool [customers, items]: what is not to be offered again. repeatable: bool [items]."""
    flags = np.zeros((len(histories), len(repeatable)), np.bool_)
    final = histories.owned & ~repeatable[histories.items]
    flags[histories.customers[final], histories.items[final]] = True
    return flags
