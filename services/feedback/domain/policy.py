"""The thresholds of automatic replies, tuned so that they keep a promise.

The promise: at most `alpha` of the automatic replies are wrong, with confidence `1 - delta`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from services.feedback.domain.binomial import at_least, at_most, upper_bound

HIGHEST = 0.99
"""Tuning never goes above this: some replies must stay automatic for an intent to recover."""
STEP = 0.01
EXACTNESS = 1e-9
"""Relative: keeps a probability that equals delta from being told apart from it by rounding."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the operator promises, and the threshold where nothing is known yet."""

    alpha: float
    delta: float
    default_threshold: float


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds in force: version 0 is what everybody starts with."""

    version: int
    default_threshold: float
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def threshold(self, intent: str) -> float:
        """The confidence an automatic reply to this intent needs."""
        return self.thresholds.get(intent, self.default_threshold)


@dataclass(frozen=True, slots=True, order=True)
class Observation:
    """A judged automatic reply: how sure the model was, and whether the reply was bad."""

    confidence: float
    bad: bool


@dataclass(frozen=True, slots=True)
class Count:
    """Judged automatic replies."""

    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class Tuning:
    """What follows from the outcomes. `reasons` says in words what changed, by intent."""

    default_threshold: float
    thresholds: Mapping[str, float]
    reasons: Mapping[str, str]
    counts: Mapping[str, Count]

    def changes(self, policy: Policy) -> bool:
        """Whether it is any different from `policy`."""
        return (
            self.thresholds != policy.thresholds
            or self.default_threshold != policy.default_threshold
        )


@dataclass(frozen=True, slots=True)
class Decided:
    """A policy as it was decided, with what it was decided from."""

    version: int
    tuning: Tuning
    promise: Promise
    decided_at: datetime

    @property
    def policy(self) -> Policy:
        """What is in force with it."""
        return Policy(self.version, self.tuning.default_threshold, self.tuning.thresholds)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A threshold that could be set, with the replies at or above it."""

    threshold: float
    replies: int
    bad: int
    rests_on_bad: bool


def tune(
    outcomes: Mapping[str, Sequence[Observation]], current: Policy, promise: Promise
) -> Tuning:
    """New thresholds for the intents whose outcomes call for it; the others stay.

    Tuning again on the same outcomes changes nothing more.
    """
    starting = Policy(current.version, promise.default_threshold, current.thresholds)
    thresholds, reasons = dict(current.thresholds), {}
    for intent, observed in sorted(outcomes.items()):
        now = starting.threshold(intent)
        found = _tightened(observed, now, promise) or _loosened(observed, now, promise)
        if found is not None:
            thresholds[intent], reasons[intent] = found
    counts = {intent: _count(observed) for intent, observed in outcomes.items()}
    return Tuning(promise.default_threshold, thresholds, reasons, counts)


def _tightened(
    observed: Sequence[Observation], now: float, promise: Promise
) -> tuple[float, str] | None:
    """Raise the threshold if the errors at or above it contradict the promise.

    They do when the exact lower bound of the error rate exceeds alpha. The new threshold is the
    smallest confidence seen from which on they no longer do, or just above the worst reply.
    """
    counted = _candidates(observed)
    above = [c for c in counted if c.threshold >= now]
    if not above or not _contradicts(above[-1], promise):
        return None
    fitting = [c.threshold for c in above if not c.rests_on_bad and not _contradicts(c, promise)]
    worst = max(o.confidence for o in observed if o.bad)
    raised = min(fitting) if fitting else min(HIGHEST, _just_above(worst))
    if raised <= now:
        return None
    seen = above[-1]
    said = f"{seen.bad} of {seen.replies} automatic replies judged bad: {now:.2f} -> {raised:.2f}"
    return raised, said


def _loosened(
    observed: Sequence[Observation], now: float, promise: Promise
) -> tuple[float, str] | None:
    """Lower the threshold as far as the evidence proves the promise kept.

    Fixed-sequence testing: from the present threshold to ever looser ones, each tested at level
    delta with the exact binomial tail, until the first that fails. So the chance that any of them
    passes wrongly is at most delta (Angelopoulos, Bates, Candes, Jordan and Lei 2021, "Learn then
    Test", arXiv 2110.01052). It holds for one look at independent replies; outcomes already looked
    at come again, so over many looks it is an approximation.
    """
    counted = _candidates(observed)
    above = [c for c in counted if c.threshold >= now]
    if not above or not _proves(above[-1], promise):
        return None
    lowered: _Candidate | None = None
    for candidate in (c for c in counted if c.threshold < now):
        if not _proves(candidate, promise):
            break
        if not candidate.rests_on_bad:
            lowered = candidate
    if lowered is None:
        return None
    most = upper_bound(lowered.bad, lowered.replies, promise.delta)
    said = (
        f"{lowered.bad} of {lowered.replies} automatic replies judged bad, so at most {most:.0%} "
        f"with confidence {1 - promise.delta:.0%}: {now:.2f} -> {lowered.threshold:.2f}"
    )
    return lowered.threshold, said


def _candidates(observed: Sequence[Observation]) -> list[_Candidate]:
    """Every confidence seen, strictest first."""
    found: list[_Candidate] = []
    replies = bad = 0
    descending = sorted(observed, reverse=True)
    for confidence, group in groupby(descending, key=lambda o: o.confidence):
        here = list(group)
        replies += len(here)
        bad += sum(o.bad for o in here)
        # A threshold resting on a reply judged bad would let the same reply pass again.
        found.append(_Candidate(confidence, replies, bad, any(o.bad for o in here)))
    return found


def _contradicts(seen: _Candidate, promise: Promise) -> bool:
    """Whether the lower bound of the error rate exceeds alpha."""
    chance = at_least(seen.bad, seen.replies, promise.alpha)
    return chance < promise.delta * (1 - EXACTNESS)


def _proves(seen: _Candidate, promise: Promise) -> bool:
    """Whether the upper bound of the error rate is at most alpha."""
    return at_most(seen.bad, seen.replies, promise.alpha) <= promise.delta


def _just_above(confidence: float) -> float:
    """The next whole hundredth above it."""
    return (math.floor(round(confidence / STEP, 6)) + 1) / 100


def _count(observed: Sequence[Observation]) -> Count:
    bad = sum(o.bad for o in observed)
    return Count(good=len(observed) - bad, bad=bad)
