"""Finding the likely nearest of very many vectors, by the signs of their values alone.

The share of values of like sign grows with the cosine (Charikar 2002, "Similarity estimation
techniques from rounding algorithms"), a sign is a bit, and a processor compares 64 of them at once.
What is found so is to be compared exactly.
"""

import numpy as np
from numpy.typing import NDArray


class SignIndex:
    """The signs of vectors [vectors, width]: width / 8 bytes each."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._signs = _packed(vectors)

    def nearest(self, vector: NDArray[np.float32], count: int) -> NDArray[np.intp]:
        """The rows of the `count` vectors with most signs in common with this one [width], in no
        order."""
        if count >= len(self._signs):
            return np.arange(len(self._signs))
        differing = np.bitwise_count(self._signs ^ _packed(vector[None])).sum(axis=1)
        nearest: NDArray[np.intp] = np.argpartition(differing, count)[:count]
        return nearest


def _packed(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    """uint64 [vectors, words]: a bit for each value, padded with zeros."""
    bits = np.packbits(vectors > 0, axis=1)
    padding = -bits.shape[1] % 8
    return np.ascontiguousarray(np.pad(bits, ((0, 0), (0, padding)))).view(np.uint64)
