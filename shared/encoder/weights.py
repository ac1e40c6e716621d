"""The weights of a BERT encoder, wherever they come from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]

BLOCK = 32
"""Weights that share a scale in 4-bit quantisation."""


@dataclass(frozen=True)
class Config:
    """Sizes of a BERT. `epsilon` is that of its layer norms."""

    epsilon: float
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int


@dataclass(frozen=True)
class QuantisedTensor:
    """Q4_0 weights, bit-exact: w[n, 32 b + i] = (nibble[n, 32 b + i] - 8) * scales[n, b].

    nibbles: uint8 [rows, columns], each 0..15; scales: float32 [rows, columns / 32].
    """

    nibbles: NDArray[np.uint8]
    scales: Float

    def dense(self) -> Float:
        """The weights as float32 [rows, columns]."""
        rows, columns = self.nibbles.shape
        blocks = self.nibbles.reshape(rows, columns // BLOCK, BLOCK).astype(np.float32) - 8.0
        return (blocks * self.scales[:, :, None]).reshape(rows, columns)

    def packed(self) -> NDArray[np.uint8]:
        """Two weights a byte, the even one in the low half: uint8 [rows, columns / 2]."""
        low, high = self.nibbles[:, 0::2], self.nibbles[:, 1::2]
        return (low | (high << 4)).astype(np.uint8)


@dataclass(frozen=True)
class Weights:
    """A post-LN BERT. Matrices are [out, in], row-major.

    words: the word embedding [vocabulary, hidden], float32 or in 4 bits.
    arrays: everything else as float32, under these names, with l<n> for each layer from 0:
        emb.pos emb.type emb.ln.w emb.ln.b
        l<n>.(q k v ao fi fo).(w b), l<n>.(aln oln).(w b)
    """

    config: Config
    words: QuantisedTensor | Float
    arrays: Mapping[str, Float]
