"""How much of the training set one customer or one agent may be."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.feedback.domain.learning.rows import (
    Selection,
    SetAside,
    TrainingRow,
    newest_first,
)


@dataclass(frozen=True, slots=True)
class Caps:
    """At most `share` of all that is learned from, or `count` rows, whichever is more."""

    share: float = 0.05
    count: int = 20

    def limit(self, learned: int) -> int:
        """Rows one agent, or one customer, may have among so many."""
        return max(self.count, int(self.share * learned))


def capped(rows: Sequence[TrainingRow], caps: Caps, beside: int = 0) -> Selection:
    """The newest rows of every customer and every agent, as many as the caps allow.

    `beside` are rows learned from as well that no customer or agent can add to: the seed. The share
    is that of the rows that stay, so that sending more does not raise it: the limit is brought down
    until it agrees with what it leaves. With nothing beside, fewer people than 1 / share cannot all
    stay below theirs, and `count` is what everybody has.
    """
    newest = newest_first(rows)
    learned = len(newest)
    while True:
        limit = caps.limit(learned + beside)
        kept, over = _within(newest, limit)
        if len(kept) == learned:
            return Selection(tuple(kept), tuple(over))
        learned = len(kept)


def _within(rows: Sequence[TrainingRow], limit: int) -> tuple[list[TrainingRow], list[SetAside]]:
    had: Counter[tuple[str, str]] = Counter()
    kept: list[TrainingRow] = []
    over: list[SetAside] = []
    for row in rows:
        sources = [("customer", row.customer_key)]
        if row.agent_key is not None:
            sources.append(("agent", row.agent_key))
        full = [kind for kind, key in sources if had[kind, key] >= limit]
        if full:
            over.append(SetAside(row, f"cap: more than {limit} rows of one {full[0]}"))
        else:
            had.update(sources)
            kept.append(row)
    return kept, over
