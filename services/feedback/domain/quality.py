"""Outcomes counted: what the figures of `definitions` are made from."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.feedback.domain.history import Verdict
from services.feedback.domain.wilson import Z_95, Share, score_interval

__all__ = ["Z_95", "Contacts", "Dimension", "Estimate", "Group", "Share"]

Dimension = Literal["day", "intent", "language", "channel", "decision", "model", "policy"]
"""By what outcomes can be told apart; days are UTC, and the response's."""

BASE = 1.1
"""Each bucket of the times ends at so many times its start: none is told wrong by over 5 %."""


@dataclass(frozen=True, slots=True)
class Group:
    """Responses that have all of the first five in common, and what they sum up to.

    `value` is the dimension's, `settled` that the time for bad signs is over, `bucket` that of the
    time to the first response, if these are first responses.

    `ratings` counts the ratings they were given, `stars` sums them up, `satisfied` counts those of
    4 or 5. `reviews` counts those an agent reviewed, `approved` those approved as they were,
    `compared` those whose edit distance is known and `edit_distance` sums it up. `resolved` counts
    tickets. `encoder_passes` and `llm_tokens` were used. What is `..._squared` sums up squares.
    """

    value: str
    decision: str
    verdict: Verdict
    responses: int
    settled: bool = True
    bucket: int | None = None
    ratings: int = 0
    stars: int = 0
    satisfied: int = 0
    reviews: int = 0
    approved: int = 0
    compared: int = 0
    edit_distance: float = 0.0
    resolved: int = 0
    encoder_passes: float = 0.0
    llm_tokens: float = 0.0
    stars_squared: int = 0
    edit_distance_squared: float = 0.0


@dataclass(frozen=True, slots=True)
class Contacts:
    """How often customers wrote: `returning` are those who did so more than once, and
    `contacts_squared` sums up the squares of how often each did."""

    customers: int = 0
    contacts: int = 0
    returning: int = 0
    contacts_squared: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure that is no share, from `count` cases, with its 95 % interval; ends that nobody can
    tell are NaN."""

    value: float
    low: float
    high: float
    count: int


def bucket_of(milliseconds: float) -> int:
    """The bucket a time falls into; all up to a millisecond share the first."""
    return math.floor(math.log(max(milliseconds, 1.0), BASE))


def quantile(buckets: Mapping[int, int], share: float) -> Estimate:
    """The time in milliseconds that so large a share of the cases stays below; NaN without any.

    Its interval are the quantiles at the ends of the Wilson interval of the share. (The count of
    cases below the true quantile is binomial: Conover, W. J. (1999), "Practical Nonparametric
    Statistics", 3rd ed., section 3.2.)
    """
    count = sum(buckets.values())
    if not count:
        return Estimate(math.nan, math.nan, math.nan, 0)
    low, high = score_interval(share, count)
    return Estimate(_at(buckets, share), _at(buckets, low), _at(buckets, high), count)


def _at(buckets: Mapping[int, int], share: float) -> float:
    """The geometric middle of the bucket where the case of this rank lies."""
    rank = max(1, math.ceil(share * sum(buckets.values())))
    passed = 0
    for bucket in sorted(buckets):
        passed += buckets[bucket]
        if passed >= rank:
            break
    return math.pow(BASE, bucket + 0.5)


def first_responses(groups: Iterable[Group]) -> Mapping[int, int]:
    """How many first responses took how long, by bucket."""
    counted: Counter[int] = Counter()
    for group in groups:
        if group.bucket is not None:
            counted[group.bucket] += group.responses
    return counted


def by_value(groups: Sequence[Group]) -> dict[str, tuple[Group, ...]]:
    """The groups of each value of the dimension, the most frequent first."""
    found: dict[str, list[Group]] = {}
    for group in groups:
        found.setdefault(group.value, []).append(group)
    frequent = sorted(
        found.items(), key=lambda item: (-sum(group.responses for group in item[1]), item[0])
    )
    return {value: tuple(those) for value, those in frequent}
