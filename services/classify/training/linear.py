"""Linear classifiers by scikit-learn, with a row of weights for every label."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from services.classify.domain.heads import Floats

Truth = NDArray[np.int64]

_TOLERANCE = 1e-3  # halves the time of 1e-4, for a difference in log-loss of 0.001
_MARGIN_STRENGTH = 1.0
_MOST_ROUNDS = 10_000


class Linear(NamedTuple):
    """weight: float32 [labels, width]; bias: float32 [labels]; not calibrated."""

    weight: Floats
    bias: Floats

    @classmethod
    def silent(cls, n_labels: int, width: int) -> "Linear":
        """Says nothing of any label."""
        return cls(np.zeros((n_labels, width), np.float32), np.zeros(n_labels, np.float32))

    def logits(self, inputs: Floats | csr_matrix) -> Floats:
        """[texts, labels] of [texts, width], dense or sparse."""
        logits: Floats = inputs @ self.weight.T + self.bias
        return logits


def fit_logistic(features: Floats, truth: Truth, n_labels: int, strength: float) -> Linear:
    """Logistic regression; `strength` is C, the inverse strength of the L2 penalty. Every label
    occurs in `truth`."""
    model = LogisticRegression(C=strength, max_iter=1000, tol=_TOLERANCE).fit(features, truth)
    return _of(model, n_labels)


def fit_margin(terms: csr_matrix, truth: Truth, n_labels: int, seed: int) -> Linear:
    """A linear support vector machine for each label against the others; every label occurs in
    `truth`. What would speak for all labels alike is left out.

    Not for several threads at a time: liblinear draws its random numbers from one stream of the
    process, so that what comes out would depend on who drew first.
    """
    if not terms.shape[1]:
        return Linear.silent(n_labels, 0)
    model = LinearSVC(C=_MARGIN_STRENGTH, random_state=seed, max_iter=_MOST_ROUNDS)
    weight, bias = _of(model.fit(terms, truth), n_labels)
    return Linear(weight - weight.mean(axis=0), bias - bias.mean())


def _of(model: Any, n_labels: int) -> Linear:
    weight, bias = model.coef_, model.intercept_
    if n_labels == 2:
        # For two labels there is one row only: that of the second label against the first.
        weight, bias = np.vstack([-weight / 2, weight / 2]), np.hstack([-bias / 2, bias / 2])
    return Linear(weight.astype(np.float32), bias.astype(np.float32))
