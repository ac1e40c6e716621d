"""What heads learn from: features of texts, and the terms in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from services.classify.domain.heads import Floats
from services.classify.domain.lexicon import Lexicon

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Inputs:
    """Of some texts the standardised features [texts, width], and how much of each term of a
    lexicon is in them, sparse [texts, terms]."""

    features: Floats
    terms: csr_matrix

    @classmethod
    def of_features(cls, features: Floats) -> "Inputs":
        """Of texts whose words nobody knows."""
        return cls(features, csr_matrix((len(features), 0), dtype=np.float32))

    def at(self, rows: Rows | Sequence[int]) -> "Inputs":
        return Inputs(self.features[rows], self.terms[rows])

    def and_then(self, others: "Inputs") -> "Inputs":
        """These texts, and after them the others."""
        return Inputs(
            np.concatenate([self.features, others.features]),
            vstack([self.terms, others.terms], format="csr"),
        )


def terms_of(texts: Sequence[str]) -> tuple[Lexicon, csr_matrix]:
    """The terms that the texts have in common, and how much of each is in every one of them: sparse
    float32 [texts, terms]."""
    lexicon = Lexicon.of(texts)
    return lexicon, matrix_of(lexicon, texts)


def matrix_of(lexicon: Lexicon, texts: Sequence[str]) -> csr_matrix:
    """How much of each term of the lexicon is in every text: sparse float32 [texts, terms]."""
    found = lexicon.read(texts)
    shape = (len(texts), len(lexicon.keys))
    return csr_matrix((found.values, (found.texts, found.places)), shape, dtype=np.float32)
