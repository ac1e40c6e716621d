"""Which intents' outcomes contradict the promise, and where their thresholds go then."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from services.feedback.domain.evidence import TOP, Evidence, Floats
from services.feedback.domain.lowering import HIGHEST
from services.feedback.domain.policy import Promise
from services.feedback.domain.promise import contradicted

SMALL: Final = 30
"""Fewer judged replies than this, at or above its threshold, make an intent a small one."""
STRENGTH: Final = 20
"""What others went through counts as so many replies of one's own."""
EXACTNESS: Final = 1e-9
"""Relative: keeps a rate that equals alpha from being told apart from it by rounding."""


def contradicting(
    free: Sequence[str], passing: Mapping[str, Evidence], promise: Promise
) -> dict[str, str]:
    """Which of the `free` intents are to be raised, and why.

    Those whose own replies at or above the threshold contradict the promise; and, when those of all
    small intents together do, each small one with a bad reply of its own, though none of them has
    enough to say so alone.
    """
    found = {
        intent: passing[intent].told
        for intent in free
        if contradicted(passing[intent], promise.delta)
    }
    small = [i for i in free if i not in found and 0 < len(passing[i]) < SMALL]
    pool = Evidence.together(passing[intent] for intent in small)
    if len(small) > 1 and contradicted(pool, promise.delta):
        why = f"{pool.told}, over {len(small)} intents with few outcomes"
        found |= {intent: why for intent in small if passing[intent].count.bad}
    return found


def raised(intent: str, known: Mapping[str, Evidence], rung: int, promise: Promise) -> int:
    """The loosest rung above at which the promise is likely kept; HIGHEST where it is nowhere.

    The rate of bad replies is shrunk towards that of all other intents (empirical Bayes in its
    simplest form: theirs as STRENGTH replies, and alpha as STRENGTH of theirs).
    """
    alpha, own = promise.alpha_of(intent), known[intent]
    others = Evidence.together(known[other] for other in known if other != intent)
    expected = _shrunk(others, np.full(TOP + 1, alpha))
    is_likely = _shrunk(own, expected) <= alpha * (1 + EXACTNESS)
    is_seen = np.bincount(own.rungs, minlength=TOP + 1) > 0
    fitting = is_likely & (own.rests() | ~is_seen)
    for candidate in range(rung + 1, HIGHEST):
        if fitting[candidate] and not contradicted(own.passing(candidate), promise.delta):
            return candidate
    return HIGHEST


def _shrunk(evidence: Evidence, towards: Floats) -> Floats:
    """The rate of bad replies at or above each rung, as if STRENGTH more had been seen."""
    bad, every = evidence.passing_counts()
    rate: Floats = (bad + STRENGTH * towards) / (every + STRENGTH)
    return rate
