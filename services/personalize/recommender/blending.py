"""Weights of the blend, chosen by validation."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from services.personalize.domain.histories import Floats
from services.personalize.recommender.judging import Panel

STEPS = 20
FLOORS = {"popularity": 0.01, "content": 0.05}
"""Shares that these have at least. Popularity decides where nothing else is known. Validation
cannot see what content is for, items nobody took yet: it judges by what was taken."""


def weights_of(
    scores: Mapping[str, Floats], panel: Panel, progress: Callable[[], object] = lambda: None
) -> tuple[dict[str, float], float]:
    """A weight for each part, summing to 1, and the NDCG@10 of the blend.

    scores: levelled, [users of the panel, items]. Greedy forward selection with replacement
    (Caruana et al. 2004, "Ensemble Selection from Libraries of Models"): one part after the other
    is added where it helps most, the same again if need be; the best stage counts. `progress` is
    called for every step.
    """
    names = list(scores)
    floor = {name: FLOORS.get(name, 0.0) for name in names}
    base = _sum(scores, floor)
    share = 1.0 - sum(floor.values())
    total = np.zeros_like(base)
    picked: list[str] = []
    stages: list[tuple[float, int]] = []
    for step in range(1, STEPS + 1):
        judged = [
            panel.ndcg(base + (total + scores[name]) * np.float32(share / step)) for name in names
        ]
        place = int(np.argmax(judged))
        picked.append(names[place])
        total += scores[names[place]]
        stages.append((judged[place], -step))
        progress()
    ndcg, step = max(stages)
    return {name: floor[name] + share * _part(picked[:-step], name) for name in names}, ndcg


def _sum(scores: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    total = np.zeros_like(next(iter(scores.values())))
    for name, weight in weights.items():
        if weight:
            total += np.float32(weight) * scores[name]
    return total


def _part(picked: Sequence[str], name: str) -> float:
    return picked.count(name) / len(picked)
