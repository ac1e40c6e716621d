"""What customers take most, lately."""

import numpy as np

from services.personalize.domain.histories import Floats
from services.personalize.recommender.log import Pairs

HALF_LIVES = (None, 365.0, 90.0, 30.0, 7.0)
"""Days after which an event counts half; None: never."""

_DAY = 86_400.0


def popularity(pairs: Pairs, items: int, half_life: float | None) -> Floats:
    """float32 [items], levelled: the summed weights of all customers' entries as of the last."""
    past, times = pairs.histories, pairs.times
    weights = past.weights.astype(np.float64)
    if half_life is not None and len(times):
        weights = weights * 0.5 ** ((times.max() - times) / (half_life * _DAY))
    counts = np.bincount(past.items, weights=weights, minlength=items)
    spread = counts.std()
    return (counts / spread if spread else counts).astype(np.float32)
