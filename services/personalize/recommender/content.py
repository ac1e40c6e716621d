"""Items alike by what their texts say; all that is known of an item nobody took yet."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from services.personalize.domain.histories import Floats, Histories
from services.personalize.domain.recommending import Code, Scorer
from services.personalize.recommender.models import Candidate, Settings
from services.personalize.recommender.strongest import BLOCK, strongest

TextVectors = Callable[[Sequence[str]], Floats]
"""float32 [texts, width] for texts; an encoder, handed in by whoever has one."""

SIZES = (20, 100)


class Content:
    """Cosine of the items' text vectors [items, width]; rows of zeros are like nothing."""

    name = "content"
    label = "content"
    code: Code = "similar_content"
    grid: Sequence[Settings] = [{"K": size} for size in SIZES]

    def __init__(self, vectors: Floats) -> None:
        # What all texts share says nothing of any of them.
        told = np.asarray(vectors.any(axis=1))
        centred = np.where(told[:, None], vectors - vectors[told].mean(axis=0), 0)
        norms = np.linalg.norm(centred, axis=1, keepdims=True)
        self._vectors = (centred / np.maximum(norms, 1e-12)).astype(np.float32)

    def candidates(self, past: Histories) -> Iterator[Candidate]:
        for settings in self.grid:
            yield Candidate(settings, self.fit(past, settings))

    def fit(self, past: Histories, settings: Settings) -> Scorer:
        return strongest(self._blocks(), int(settings["K"]))

    def _blocks(self) -> Iterator[Floats]:
        """Similarities above 0, of others alone."""
        for row in range(0, len(self._vectors), BLOCK):
            block = np.maximum(self._vectors[row : row + BLOCK] @ self._vectors.T, 0)
            np.fill_diagonal(block[:, row:], 0)
            yield block


def vectors_of(texts: Sequence[str], encode: TextVectors) -> Floats:
    """float32 [texts, width], zeros for empty ones."""
    told = [place for place, text in enumerate(texts) if text.strip()]
    if not told:
        return np.zeros((len(texts), 1), np.float32)
    encoded = encode([texts[place] for place in told])
    vectors = np.zeros((len(texts), encoded.shape[1]), np.float32)
    vectors[told] = encoded
    return vectors
