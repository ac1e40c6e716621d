"""A linear autoencoder in closed form: EASE (Steck 2019, "Embarrassingly Shallow Autoencoders")."""

from collections.abc import Iterator, Sequence

import numpy as np

from services.personalize.domain.histories import Doubles, Floats, Histories, Indices
from services.personalize.domain.recommending import Code, Scorer
from services.personalize.recommender.log import matrix
from services.personalize.recommender.models import Candidate, Settings
from services.personalize.recommender.strongest import BLOCK, strongest

STRENGTHS = (50.0, 150.0, 500.0, 1500.0)
"""Values tried of lambda, the L2 penalty."""

MOST_ITEMS = 6000
"""Items whose weights are solved for, the most frequent: a dense matrix of them is inverted, which
takes 300 MB a copy and a minute of one core. The others are left to the other models."""

MOST_NEIGHBOURS = 300
"""Weights kept of each item; what is dropped is next to nothing."""


class LinearAutoencoder:
    """Each item as a weighted sum of the other ones in the same history."""

    name = "linear"
    label = "EASE"
    code: Code = "bought_together"
    grid: Sequence[Settings] = [{"lambda": strength} for strength in STRENGTHS]

    def __init__(self, items: int) -> None:
        self._items = items

    def candidates(self, past: Histories) -> Iterator[Candidate]:
        chosen, gram = self._gram(past)
        for settings in self.grid:
            yield Candidate(settings, self._solved(chosen, gram, float(settings["lambda"])))

    def fit(self, past: Histories, settings: Settings) -> Scorer:
        return self._solved(*self._gram(past), float(settings["lambda"]))

    def _gram(self, past: Histories) -> tuple[Indices, Doubles]:
        """The items solved for, in ascending order, and their Gram matrix."""
        used = np.bincount(past.items[past.weights > 0], minlength=self._items)
        ranked = np.argsort(-used, kind="stable")[:MOST_ITEMS]
        chosen = np.sort(ranked[used[ranked] > 0])
        taken = matrix(past, past.weights, self._items)[:, chosen]
        return chosen, (taken.T @ taken).toarray().astype(np.float64)

    def _solved(self, chosen: Indices, gram: Doubles, strength: float) -> Scorer:
        inverse = np.asarray(np.linalg.inv(gram + strength * np.eye(len(gram))), np.float64)
        inverse /= -np.diag(inverse).copy()
        np.fill_diagonal(inverse, 0)
        return strongest(self._blocks(chosen, inverse), MOST_NEIGHBOURS)

    def _blocks(self, chosen: Indices, weights: Doubles) -> Iterator[Floats]:
        """Rows [items, past items] of weights [past items, items] of the chosen ones."""
        for row in range(0, self._items, BLOCK):
            block = np.zeros((min(BLOCK, self._items - row), self._items), np.float32)
            first, end = np.searchsorted(chosen, (row, row + BLOCK))
            block[np.ix_(chosen[first:end] - row, chosen)] = weights[:, first:end].T
            yield block
