"""The part of a head that reads words: fitted beside the one that reads features, then weighed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from services.classify.domain.heads import Floats, Head, softmax
from services.classify.domain.lexicon import Terms

Rows = NDArray[np.intp]
Truth = NDArray[np.int64]

_STRENGTH = 1.0
_WIDEST = 20.0
_TINY = 1e-12


@dataclass(frozen=True)
class Inputs:
    """What heads learn from of some texts: standardised features [texts, width], and how much of
    each term of the lexicon is in them, sparse [texts, terms]."""

    features: Floats
    terms: csr_matrix

    @classmethod
    def of_features(cls, features: Floats) -> "Inputs":
        """Of texts whose words nobody knows."""
        return cls(features, csr_matrix((len(features), 0), dtype=np.float32))

    def at(self, rows: Rows | Sequence[int]) -> "Inputs":
        return Inputs(self.features[rows], self.terms[rows])


class Wording(NamedTuple):
    """weight: float32 [terms, labels]; bias: float32 [labels]; not calibrated."""

    weight: Floats
    bias: Floats

    def logits(self, terms: csr_matrix) -> Floats:
        return cast(Floats, terms @ self.weight + self.bias)


class Blend(NamedTuple):
    """How both parts make one: `(features' logits + share * words' logits) / temperature`."""

    temperature: float
    share: float

    def logits(self, read: Floats, worded: Floats) -> Floats:
        blended = (read + np.float32(self.share) * worded) / np.float32(self.temperature)
        return cast(Floats, blended)

    def head(self, read: Head, worded: Wording) -> Head:
        """The head of both parts; of the features alone where words do not help."""
        if not self.share:
            return replace(read, temperature=self.temperature)
        return replace(
            read,
            bias=read.bias + np.float32(self.share) * worded.bias,
            temperature=self.temperature,
            term_weight=np.float32(self.share) * worded.weight,
        )


def matrix_of(terms: Terms, count: int) -> csr_matrix:
    """Sparse float32 [texts, count] of the terms of a lexicon that knows `count`."""
    shape = (len(terms.spans), count)
    return csr_matrix((terms.values, (terms.texts, terms.places)), shape, dtype=np.float32)


def fit_wording(terms: csr_matrix, truth: Truth, n_labels: int, seed: int) -> Wording:
    """A linear support vector machine for each label against the others, on sparse [texts, terms];
    every label occurs in `truth`. What would speak for all labels alike is left out."""
    if not terms.shape[1]:
        return Wording(np.zeros((0, n_labels), np.float32), np.zeros(n_labels, np.float32))
    model = LinearSVC(C=_STRENGTH, random_state=seed, max_iter=10_000).fit(terms, truth)
    weight, bias = model.coef_.T, model.intercept_
    if n_labels == 2:
        # For two labels there is one row only: that of the second label against the first.
        weight, bias = np.hstack([-weight / 2, weight / 2]), np.hstack([-bias / 2, bias / 2])
    weight, bias = weight - weight.mean(axis=1, keepdims=True), bias - bias.mean()
    return Wording(weight.astype(np.float32), bias.astype(np.float32))


def blend_of(read: Floats, worded: Floats, truth: Truth) -> Blend:
    """The blend with the least log-loss on unseen texts, of both parts' logits [texts, labels].

    It is temperature scaling (Guo et al. 2017) with a second number: the loss is convex in the
    factors of the two parts.
    """
    parts = np.stack([read, worded]).astype(np.float64)
    rows = np.arange(len(truth))
    right = parts[:, rows, truth]

    def loss(factors: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        shares = softmax(cast(Floats, np.tensordot(factors, parts, 1)))
        slopes = (shares * parts).sum(axis=2) - right
        return float(-np.log(shares[rows, truth] + _TINY).mean()), slopes.mean(axis=1)

    bounds = [(1 / _WIDEST, _WIDEST), (0.0, _WIDEST)]
    found = minimize(loss, [1.0, 0.0], jac=True, bounds=bounds, method="L-BFGS-B").x
    return Blend(1 / float(found[0]), float(found[1] / found[0]))
