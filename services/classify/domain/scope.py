"""How far a message lies from everything customer service acts on.

Relative Mahalanobis distance (Ren et al. 2021): the squared distance to the nearest intent's mean
under the covariance within intents, less that to the overall mean under the total covariance. In
the basis of linear discriminant analysis the first covariance is the identity and the second
diagonal, so that a few dimensions hold the whole difference. Where messages are known that are out
of scope, what they have in common with a new one counts beside the distance: greetings and small
talk lie near many intents, and are told by what they say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from services.classify.domain.heads import Floats


@dataclass(frozen=True)
class OutOfScope:
    """Unlike a classifier's probabilities, this distance sees that a message is like none.

    basis: float32 [width, dimensions]; centre: float32 [dimensions], of raw features in that basis.
    means: float32 [intents, dimensions], relative to the centre; spread: float32 [dimensions], the
    total variance, where the variance within intents is 1.
    direction: float32 [width]; raw features times it are added to the distance: larger for what is
    like the messages known to be out of scope, zeros where too few were known.
    known: float32 [quantiles], distances of in-scope messages while unseen, ascending.
    threshold: the score from which on a message is held to be out of scope.
    """

    basis: Floats
    centre: Floats
    means: Floats
    spread: Floats
    direction: Floats
    known: Floats
    threshold: float

    def distances(self, features: Floats) -> Floats:
        """float32 [texts] for raw features [texts, width]; larger is further out."""
        points = features @ self.basis - self.centre
        squares = (points**2).sum(axis=1, keepdims=True)
        to_means = squares - 2 * points @ self.means.T + (self.means**2).sum(axis=1)
        from_all = (points**2 / self.spread).sum(axis=1)
        distances: Floats = to_means.min(axis=1) - from_all + features @ self.direction
        return distances

    def scores(self, features: Floats) -> Floats:
        """float32 [texts]: the share of in-scope messages that lie less far out."""
        places = np.searchsorted(self.known, self.distances(features))
        return (places / len(self.known)).astype(np.float32)

    def arrays(self) -> dict[str, Floats]:
        """Everything by name, to be stored."""
        return {
            "basis": self.basis,
            "centre": self.centre,
            "means": self.means,
            "spread": self.spread,
            "direction": self.direction,
            "known": self.known,
            "threshold": np.array([self.threshold], np.float32),
        }

    @classmethod
    def of(cls, arrays: Mapping[str, Floats]) -> "OutOfScope":
        """The reverse of `arrays`. Raises KeyError."""
        names = ("basis", "centre", "means", "spread", "direction", "known")
        threshold = float(arrays["threshold"][0])
        return cls(**{name: arrays[name] for name in names}, threshold=threshold)
