"""How sure logits may be, and how much each part of a head counts: chosen by the log-loss on unseen
texts."""

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from services.classify.domain.heads import Floats, Head, softmax
from services.classify.training.linear import Linear, Truth

_WIDEST = 20.0
_TINY = 1e-12


class Blend(NamedTuple):
    """How parts make one: `(the first + each share * the part behind it) / temperature`. The last
    part reads words, the others features."""

    temperature: float
    shares: tuple[float, ...]

    def logits(self, parts: Sequence[Floats]) -> Floats:
        """[texts, labels] of the parts' logits."""
        return cast(Floats, self._sum(parts) / np.float32(self.temperature))

    def head(self, labels: tuple[str, ...], parts: Sequence[Linear]) -> Head:
        """The head of all parts; of the features alone where words do not help."""
        *readings, words = parts
        weight = self._sum([reading.weight for reading in readings])
        terms = np.float32(self.shares[-1]) * words.weight.T if self.shares[-1] else None
        return Head(labels, weight, self._sum([p.bias for p in parts]), self.temperature, terms)

    def _sum(self, parts: Sequence[Floats]) -> Floats:
        """Of as many parts as are given, from the first on."""
        first, *others = parts
        for share, part in zip(self.shares, others, strict=False):
            first = first + np.float32(share) * part
        return first


def blend_of(parts: Sequence[Floats], truth: Truth) -> Blend:
    """The best blend of the parts' logits, [texts, labels] each, on unseen texts."""
    (first, *others), _ = _best(np.stack(parts), truth)
    return Blend(1 / first, tuple(factor / first for factor in others))


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
