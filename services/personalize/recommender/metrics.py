"""How good lists are, user by user: pure functions of arrays."""

import numpy as np

from services.personalize.domain.histories import Doubles, Flags, Indices

_RESAMPLES = 1000


def hits(lists: Indices, targets: Indices) -> Flags:
    """bool [users, places]: which places of the lists [users, places] hold one of the user's
    targets [users, k]."""
    found: Flags = (lists[:, :, None] == targets[:, None, :]).any(axis=2)
    return found


def hit_rate(found: Flags, most: int) -> Doubles:
    """float64 [users]: 1 if one of the first places is a hit."""
    return np.asarray(found[:, :most].any(axis=1), np.float64)


def recall(found: Flags, most: int, k: int) -> Doubles:
    """float64 [users]: the share of the k targets in the first places, of as many as fit there."""
    return np.asarray(found[:, :most].sum(axis=1) / min(k, most))


def ndcg(found: Flags, most: int, k: int) -> Doubles:
    """float64 [users]: discounted cumulative gain with gain 1 for each of the k targets, over that
    of the best list (Järvelin, Kekäläinen 2002)."""
    discounts = 1 / np.log2(np.arange(2, most + 2))
    return np.asarray(found[:, :most] @ discounts[: found.shape[1]] / discounts[:k].sum())


def coverage(lists: Indices, most: int, items: int) -> float:
    """The share of all items that stand in the first places of some list."""
    shown = lists[:, :most]
    return len(np.unique(shown[shown >= 0])) / items


def interval(values: Doubles, seed: int) -> tuple[float, float]:
    """95 % bootstrap interval of the mean of values [users] (percentiles, Efron 1979)."""
    generator = np.random.default_rng(seed)
    means = [
        values[generator.integers(0, len(values), len(values))].mean() for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
