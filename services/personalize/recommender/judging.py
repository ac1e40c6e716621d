"""Lists for users whose next items are known, and figures of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix

from services.personalize.domain.histories import Flags, Floats, Histories, Indices, newest, owned
from services.personalize.domain.ranking import best
from services.personalize.domain.recommending import Part
from services.personalize.recommender import metrics
from services.personalize.recommender.log import matrix
from services.personalize.recommender.scorers import Neighbours
from services.personalize.recommender.splits import Split

LIST = 20
"""Places of a list that are judged at most."""
MOST_CELLS = 20_000_000
"""Scores held at a time of one model: 80 MB."""
MOST_CHOOSING = 2000
"""Users that choices are made by: more would not tell the settings apart much better."""

Scores = Callable[[Histories], Floats]


@dataclass(frozen=True)
class Panel:
    """Users to judge by. `histories` are what is looked at of them, `seen` all they had to do with,
    every entry as if owned: as the targets are new to them, lists leave out what is not. targets:
    int64 [users, k]; repeatable: bool [items]."""

    histories: Histories
    seen: Histories
    targets: Indices
    repeatable: Flags

    def lists(self, scores: Scores) -> Indices:
        """int64 [users, LIST]: the best items for each, in blocks that bound the memory."""
        return np.concatenate([self._best(scores, users) for users in self._blocks()])

    def ndcg(self, scores: Floats) -> float:
        """NDCG@10 of scores [users, items] for the whole panel."""
        chosen = best(scores, self._left_out, 10)
        found = metrics.hits(chosen, self.targets)
        return float(metrics.ndcg(found, 10, self.targets.shape[1]).mean())

    @cached_property
    def _left_out(self) -> Flags:
        return owned(self.seen, self.repeatable)

    def _blocks(self) -> Iterator[Indices]:
        size = max(1, MOST_CELLS // max(1, len(self.repeatable)))
        for first in range(0, len(self.histories), size):
            yield np.arange(first, min(first + size, len(self.histories)))

    def _best(self, scores: Scores, users: Indices) -> Indices:
        left_out = owned(self.seen.of(users), self.repeatable)
        return best(scores(self.histories.of(users)), left_out, LIST)


def panel_of(split: Split, repeatable: Flags, most: int | None = None, seed: int = 0) -> Panel:
    """The judged users of a split, at most so many of them drawn by the seed."""
    users, targets = split.users, split.targets
    if most is not None and len(users) > most:
        drawn = np.random.default_rng(seed).choice(len(users), most, replace=False)
        users, targets = users[np.sort(drawn)], targets[np.sort(drawn)]
    histories = split.known.pairs.histories.of(users)
    seen = replace(histories, owned=np.ones_like(histories.owned))
    return Panel(newest(histories), seen, targets, repeatable)


def choosing_panel(split: Split, repeatable: Flags, seed: int) -> Panel:
    """The users that choices are made by, no more than the memory allows."""
    most = min(MOST_CHOOSING, max(100, MOST_CELLS // max(1, len(repeatable))))
    return panel_of(split, repeatable, most, seed)


def scored(part: Part, histories: Histories) -> Floats:
    """float32 [customers, items], as served but, where that helps, by a sparse product."""
    scorer, strengths = part.scorer, histories.strengths(part.recency)
    if not isinstance(scorer, Neighbours):
        return scorer.scores(histories, strengths)
    items = len(scorer.starts) - 1
    weights = csr_matrix((scorer.weights, scorer.items, scorer.starts), shape=(items, items))
    product: Floats = (matrix(histories, strengths, items) @ weights).toarray()
    return product
