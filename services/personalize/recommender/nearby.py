"""Items that customers take shortly before or after each other."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.sparse import csr_matrix

from services.personalize.domain.histories import Floats, Histories
from services.personalize.domain.recommending import Code, Scorer
from services.personalize.recommender.models import Candidate, Settings
from services.personalize.recommender.strongest import BLOCK, strongest

WINDOWS = (10, 50)
MOST_NEIGHBOURS = 300

_FADE = 0.5
"""A pair with n - 1 entries between counts n ** -0.5."""
_SHRINK = 5.0
"""Added to the norms, so that a few chance pairs of rare items do not look like a bond."""


class NearNeighbours:
    """Cosine of items over pairs in a window of each history, where a plain one counts all pairs
    alike (the pairs of item2vec, Barkan, Koenigstein 2016)."""

    name = "nearby"
    label = "close in time"
    code: Code = "bought_together"
    grid: Sequence[Settings] = [{"window": window} for window in WINDOWS]

    def __init__(self, items: int) -> None:
        self._items = items

    def candidates(self, past: Histories) -> Iterator[Candidate]:
        for settings in self.grid:
            yield Candidate(settings, self.fit(past, settings))

    def fit(self, past: Histories, settings: Settings) -> Scorer:
        pairs = self._pairs(past, int(settings["window"]))
        return strongest(self._blocks(pairs), MOST_NEIGHBOURS)

    def _pairs(self, past: Histories, window: int) -> csr_matrix:
        """Symmetric [items, items]: how often two stand near each other."""
        pairs = csr_matrix((self._items, self._items), dtype=np.float32)
        for gap in range(1, min(window, len(past.items) - 1) + 1):
            same = np.flatnonzero(past.customers[gap:] == past.customers[:-gap])
            counts = past.weights[same] * past.weights[same + gap] * np.float32(gap**-_FADE)
            places = (past.items[same], past.items[same + gap])
            pairs = pairs + csr_matrix((counts, places), shape=pairs.shape)
        return (pairs + pairs.T).tocsr()

    def _blocks(self, pairs: csr_matrix) -> Iterator[Floats]:
        norms = np.sqrt(np.asarray(pairs.sum(axis=1)).ravel())
        for row in range(0, self._items, BLOCK):
            shrunk = np.outer(norms[row : row + BLOCK], norms) + _SHRINK
            block: Floats = pairs[row : row + BLOCK].toarray() / shrunk
            np.fill_diagonal(block[:, row:], 0)
            yield block
