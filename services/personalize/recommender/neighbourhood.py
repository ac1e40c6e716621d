"""Item-neighbourhood collaborative filtering: items alike are those the same customers took."""

import warnings
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from implicit.nearest_neighbours import (
    BM25Recommender,
    CosineRecommender,
    TFIDFRecommender,
)

from services.personalize.domain.histories import Floats, Histories
from services.personalize.domain.recommending import Code, Scorer
from services.personalize.recommender.log import matrix
from services.personalize.recommender.models import Candidate, Settings
from services.personalize.recommender.strongest import BLOCK, strongest

WEIGHTINGS = {"cosine": CosineRecommender, "tfidf": TFIDFRecommender, "bm25": BM25Recommender}
SIZES = (20, 100, 300, 1000)


class ItemNeighbours:
    """For every item its K most similar ones (Sarwar et al. 2001; Deshpande, Karypis 2004)."""

    name = "neighbours"
    label = "item-kNN"
    code: Code = "bought_together"
    grid: Sequence[Settings] = [
        {"weighting": weighting, "K": size} for weighting, size in product(WEIGHTINGS, SIZES)
    ]

    def __init__(self, items: int) -> None:
        self._items = items

    def candidates(self, past: Histories) -> Iterator[Candidate]:
        for settings in self.grid:
            yield Candidate(settings, self.fit(past, settings))

    def fit(self, past: Histories, settings: Settings) -> Scorer:
        size = int(settings["K"])
        model = WEIGHTINGS[str(settings["weighting"])](K=size, num_threads=1)
        with warnings.catch_warnings():
            # Of a conversion of its own that takes no time.
            warnings.simplefilter("ignore")
            model.fit(matrix(past, past.weights, self._items), show_progress=False)
        return strongest(self._blocks(model.similarity), size)

    def _blocks(self, similarity: Any) -> Iterator[Floats]:
        for row in range(0, self._items, BLOCK):
            block: Floats = similarity[row : row + BLOCK].toarray()
            np.fill_diagonal(block[:, row:], 0)
            yield block
