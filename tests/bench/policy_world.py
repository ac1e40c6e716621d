"""Simulated customers for the thresholds' learner: what they wish for and how replies truly are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from services.feedback.domain.evidence import TOP, Floats, at_or_above, first_rung
from services.feedback.domain.lowering import HIGHEST, LOOSEST
from services.feedback.domain.policy import Promise

GRAIN = 4_000
"""Points by which true rates are summed up."""
CHANGE_DAY = 30
ALL = "all messages"

Wrong = Callable[[Floats], Floats]
"""P(a reply would be wrong | its confidence)."""


@dataclass(frozen=True)
class Wish:
    """An intent as it truly is: so many messages a day, confidences Beta(`shape`).

    `later` is how likely replies are wrong from CHANGE_DAY on, where that is another.
    """

    name: str
    a_day: float
    shape: tuple[float, float]
    wrong: Wrong
    later: Wrong | None = None

    def wrong_on(self, day: float) -> Wrong:
        """How likely a reply of that day is wrong."""
        return self.wrong if self.later is None or day < CHANGE_DAY else self.later


@dataclass(frozen=True)
class World:
    """Who writes, and how often anything is heard of a reply, however good it was.

    Below `draft_from` nothing is drafted, so nothing is learned there.
    """

    wishes: tuple[Wish, ...]
    judged_automatic: float = 0.5
    judged_draft: float = 0.8
    draft_from: float = 0.3


@dataclass(frozen=True)
class Truth:
    """What the learner cannot see: by rung, the share that passes and how much of it is wrong."""

    passing: Floats
    wrong: Floats


@cache
def truth(shape: tuple[float, float], wrong: Wrong) -> Truth:
    """By summing the density of the confidences over a fine grid."""
    grid = (np.arange(GRAIN) + 0.5) / GRAIN
    a, b = shape
    mass = grid ** (a - 1) * (1 - grid) ** (b - 1)
    mass /= mass.sum()
    rungs = np.floor(grid * TOP).astype(np.int64)
    passing = at_or_above(np.bincount(rungs, mass, TOP + 1))
    bad = at_or_above(np.bincount(rungs, mass * wrong(grid), TOP + 1))
    return Truth(passing, bad / np.maximum(passing, 1e-12))


def truths(world: World, day: float) -> dict[str, Truth]:
    """Of every intent on that day."""
    return {wish.name: truth(wish.shape, wish.wrong_on(day)) for wish in world.wishes}


def best(world: World, promise: Promise, day: float) -> dict[str, int]:
    """The loosest rung of each intent that keeps the promise; the highest where none does."""
    lowest = max(LOOSEST, first_rung(world.draft_from))
    found = {}
    for name, true in truths(world, day).items():
        kept = [r for r in range(lowest, HIGHEST) if true.wrong[r] <= promise.alpha_of(name)]
        found[name] = min(kept, default=HIGHEST)
    return found


def automation(world: World, rungs: Mapping[str, int], day: float) -> dict[str, float]:
    """The share of each intent's messages that is answered automatically, and of all."""
    shares = {name: float(true.passing[rungs[name]]) for name, true in truths(world, day).items()}
    sent = sum(wish.a_day * shares[wish.name] for wish in world.wishes)
    return shares | {ALL: sent / sum(wish.a_day for wish in world.wishes)}


def wrong_overall(world: World, rungs: Mapping[str, int], day: float) -> float:
    """How much of all that is answered automatically is wrong."""
    known = truths(world, day)
    sent = {w.name: w.a_day * known[w.name].passing[rungs[w.name]] for w in world.wishes}
    wrong = sum(sent[name] * known[name].wrong[rungs[name]] for name in sent)
    return float(wrong / max(sum(sent.values()), 1e-12))


def honest(c: Floats) -> Floats:
    """As likely wrong as the confidence says."""
    return 1 - c


def cautious(c: Floats) -> Floats:
    """Better than the confidence says."""
    return 0.35 * (1 - c)


def boastful(c: Floats) -> Floats:
    """Far worse than the confidence says: sure of much that is wrong."""
    return np.asarray(0.05 + 0.75 * (1 - c) ** 0.7)


def hopeless(c: Floats) -> Floats:
    """Wrong a third of the time, however sure."""
    return np.full_like(c, 0.33)


def good(c: Floats) -> Floats:
    """Right nearly always."""
    return 0.2 * (1 - c)


def spoilt(c: Floats) -> Floats:
    """As `good`, and a quarter of all replies wrong on top."""
    return np.asarray(0.25 + 0.2 * (1 - c))


STEADY = World(
    (
        Wish("order_status", 200, (4, 1.5), cautious),
        Wish("refund", 100, (3, 1.2), honest),
        Wish("invoice", 60, (3, 1), cautious),
        Wish("delivery", 40, (5, 1.5), boastful),
        Wish("account", 20, (3, 1), honest),
        Wish("complaint", 10, (3, 2), hopeless),
        Wish("warranty", 5, (3, 1), cautious),
    )
)
"""Seven intents from 5 to 200 messages a day; two of them badly calibrated."""
DRIFTING = World((*STEADY.wishes, Wish("login", 60, (4, 1.5), good, later=spoilt)))
"""The same with one more, which a month later gets much worse."""
