"""How sure logits may be, and how much the words count beside the features: chosen by the log-loss
on unseen texts."""

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from services.classify.domain.heads import Floats, Head, softmax
from services.classify.training.linear import Linear, Truth

_WIDEST = 20.0
_TINY = 1e-12


class Blend(NamedTuple):
    """How both parts make one: `(features' logits + share * words' logits) / temperature`."""

    temperature: float
    share: float

    def logits(self, read: Floats, worded: Floats) -> Floats:
        blended = (read + np.float32(self.share) * worded) / np.float32(self.temperature)
        return cast(Floats, blended)

    def head(self, labels: tuple[str, ...], read: Linear, worded: Linear) -> Head:
        """The head of both parts; of the features alone where words do not help."""
        share = np.float32(self.share)
        terms = share * worded.weight.T if self.share else None
        return Head(labels, read.weight, read.bias + share * worded.bias, self.temperature, terms)


def blend_of(read: Floats, worded: Floats, truth: Truth) -> Blend:
    """The best blend of both parts' logits [texts, labels] on unseen texts."""
    (first, second), _ = _best(np.stack([read, worded]), truth)
    return Blend(1 / first, second / first)


def calibrated_loss(logits: Floats, truth: Truth) -> float:
    """Log-loss of unseen logits [texts, labels] at the temperature that fits them best."""
    return _best(logits[None], truth)[1]


def _best(parts: Floats, truth: Truth) -> tuple[list[float], float]:
    """The factors of the parts [parts, texts, labels] whose sum has the least log-loss, and that.

    With one part it is temperature scaling (Guo et al. 2017); the loss is convex in the factors.
    """
    parts = parts.astype(np.float64)
    rows = np.arange(len(truth))
    right = parts[:, rows, truth]

    def loss(factors: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        shares = softmax(cast(Floats, np.tensordot(factors, parts, 1)))
        slopes = (shares * parts).sum(axis=2) - right
        return float(-np.log(shares[rows, truth] + _TINY).mean()), slopes.mean(axis=1)

    others = len(parts) - 1
    bounds = [(1 / _WIDEST, _WIDEST), *[(0.0, _WIDEST)] * others]
    found = minimize(loss, [1.0, *[0.0] * others], jac=True, bounds=bounds, method="L-BFGS-B")
    return found.x.tolist(), float(found.fun)
