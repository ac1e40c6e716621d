"""How far an intent's own outcomes let its threshold be lowered."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.feedback.domain.evidence import TOP, Evidence, Floats, first_rung
from services.feedback.domain.policy import Policy, Promise
from services.feedback.domain.promise import log_proof

HIGHEST: Final = 99
"""Tuning never goes above this rung: some replies must stay automatic for an intent to recover."""
LOOSEST: Final = 20
"""Nor is it ever asked whether to go below this one."""
MOST_MISSING: Final = 5_000


@dataclass(frozen=True, slots=True)
class Lack:
    """What an intent lacks to be lowered at all: to `threshold`, or at once further.

    `good` is how many further automatic replies would have to be judged, all of them good; None
    when more than MOST_MISSING. `threshold` is None when no draft below was judged well yet.
    """

    threshold: float | None
    good: int | None = None


def level_of(intent: str, policy: Policy, promise: Promise) -> float:
    """The part of delta that the intent's present period may spend: 1 / (k (k + 1)) of its own."""
    period = policy.period(intent)
    return promise.delta / promise.intents / (period * (period + 1))


def lowered(evidence: Evidence, intent: str, policy: Policy, promise: Promise) -> int | None:
    """The loosest rung below the present one that is proven; None if none is.

    `evidence` is what still counts. The rung rests on replies: more of those on it are good than
    bad, so that drafts were judged down to it. Rungs in between need no proof of their own: what is
    promised of a threshold is about all replies that pass it. But it stops where more than alpha
    were seen to be wrong.
    """
    proven = _refuted(
        log_proof(evidence, promise.alpha_of(intent)),
        level_of(intent, policy, promise),
        first_rung(_began_with(intent, policy, promise)),
    )
    rests = evidence.rests()
    present = first_rung(policy.threshold(intent))
    bad, every = evidence.passing_counts()
    seems_kept = bad <= promise.alpha_of(intent) * every
    found = None
    for candidate in range(min(present - 1, HIGHEST), LOOSEST - 1, -1):
        if not seems_kept[candidate]:
            break
        if proven[candidate] and rests[candidate]:
            found = candidate
    return found


def lack(evidence: Evidence, intent: str, policy: Policy, promise: Promise) -> Lack:
    """What is missing for the next lower threshold, by bisection over further good outcomes."""
    present = first_rung(policy.threshold(intent))
    below = np.flatnonzero(evidence.rests()[LOOSEST:present]) + LOOSEST
    if not below.size:
        return Lack(None)
    target = int(below[-1]) / TOP

    def is_enough(further: int) -> bool:
        with_more = _with_good(evidence, further)
        return lowered(with_more, intent, policy, promise) is not None

    few, many = 0, 1
    while not is_enough(many):
        if many >= MOST_MISSING:
            return Lack(target)
        few, many = many, many * 2
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if is_enough(middle) else (middle, many)
    return Lack(target, many)


def _began_with(intent: str, policy: Policy, promise: Promise) -> float:
    """The threshold when counting began: fixed before anything that counts was seen."""
    restart = policy.restarts.get(intent)
    return restart.threshold if restart else promise.default_threshold


def _refuted(logs: Floats, level: float, favoured: int) -> list[bool]:
    """Of each rung, whether 'too many are wrong from here on' is refuted, strictest first.

    The fallback procedure: half of the level is the favoured rung's own, the rest is spread evenly,
    and a rung that is refuted passes what it had on to the next.
    """
    even = level / 2 / (HIGHEST - LOOSEST + 1)
    refuted, carried = [False] * (TOP + 1), 0.0
    for rung in range(HIGHEST, LOOSEST - 1, -1):
        spent = carried + even + (level / 2 if rung == favoured else 0.0)
        refuted[rung] = bool(logs[rung] >= -math.log(spent))
        carried = spent if refuted[rung] else 0.0
    return refuted


def _with_good(evidence: Evidence, further: int) -> Evidence:
    """As if so many automatic replies more had been judged good, all of the highest confidence."""
    added = Evidence(
        rungs=np.full(further, HIGHEST),
        bad=np.zeros(further, np.bool_),
        automatic=np.ones(further, np.bool_),
        weights=np.full(further, _weight_of_automatic(evidence)),
        moments=np.full(further, evidence.moments[-1]),
        alphas=np.full(further, evidence.alphas[-1]),
    )
    return Evidence.together([evidence, added])


def _weight_of_automatic(evidence: Evidence) -> float:
    """The weight that one more automatic reply has; the largest there is when none was judged."""
    known = evidence.weights[evidence.automatic]
    return float(known[-1] if known.size else evidence.weights.max())
