"""How each intent stands: what was seen of it, what that bounds, and what it lacks to loosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.feedback.domain.binomial import lower_bound, upper_bound
from services.feedback.domain.definitions import WINDOW
from services.feedback.domain.evidence import Evidence, first_rung
from services.feedback.domain.lowering import Lack, lack
from services.feedback.domain.policy import Count, Observation, Policy, Promise
from services.feedback.domain.promise import upper_bound as upper_bound_at_all_looks

TAIL = 0.025
"""On either side of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An intent under the policy in force.

    `count` are the replies that still count and pass the threshold; `interval` is the exact 95 %
    interval of their wrong rate, for one look; `at_most` bounds the rate with confidence
    `1 - delta` at all looks together. `lack` is None for a pinned intent; it leaves out the `young`
    replies, which are judged and may still get bad signs.
    """

    intent: str
    threshold: float
    alpha: float
    pinned: bool
    count: Count
    interval: tuple[float, float]
    at_most: float
    lack: Lack | None
    young: int


def counts(
    outcomes: Mapping[str, Sequence[Observation]], policy: Policy, promise: Promise
) -> dict[str, Count]:
    """The replies of every intent that still count and pass its threshold."""
    return {
        intent: _counting(intent, observed, policy, promise)
        .passing(first_rung(policy.threshold(intent)))
        .count
        for intent, observed in outcomes.items()
    }


def standings(
    outcomes: Mapping[str, Sequence[Observation]], policy: Policy, promise: Promise, now: datetime
) -> list[Standing]:
    """Every intent that has outcomes or a threshold of its own, by name."""
    names = sorted({*outcomes, *policy.thresholds})
    settled = now - WINDOW
    return [_standing(name, outcomes.get(name, ()), policy, promise, settled) for name in names]


def _standing(
    intent: str,
    observed: Sequence[Observation],
    policy: Policy,
    promise: Promise,
    settled: datetime,
) -> Standing:
    threshold = policy.threshold(intent)
    counting = _counting(intent, observed, policy, promise)
    old = counting.until(settled)
    passing = counting.passing(first_rung(threshold))
    bad, every = passing.count.bad, len(passing)
    pinned = policy.is_pinned(intent)
    return Standing(
        intent,
        threshold,
        promise.alpha_of(intent),
        pinned,
        passing.count,
        (lower_bound(bad, every, TAIL), upper_bound(bad, every, TAIL)),
        upper_bound_at_all_looks(passing, promise.delta),
        None if pinned else lack(old, intent, policy, promise),
        len(counting) - len(old),
    )


def _counting(
    intent: str, observed: Sequence[Observation], policy: Policy, promise: Promise
) -> Evidence:
    evidence = Evidence.of(observed, promise.alpha_of(intent))
    return evidence.after(policy.counting_since(intent))
