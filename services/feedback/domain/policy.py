"""What a policy is: thresholds in force, the promise behind them, what they were decided from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from services.feedback.domain.choosing.weights import Weights

Kind = Literal["automatic", "draft"]
"""Whether a reply went out by itself, or was judged by the agent who got it as a draft."""

ALL = "(all)"
"""Stands for every intent where reasons are given by intent."""

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment of a reply whose own is not told: before any restart, so it counts until then."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the operator promises, and the threshold where nothing is known yet.

    At most `alpha` of an intent's automatic replies are wrong (`alphas` says otherwise for some
    intents), with confidence `1 - delta` for all intents together, of which `intents` are expected.
    Once `replies` of an intent are judged, counting begins anew: what is older may be outdated.
    """

    alpha: float
    delta: float
    default_threshold: float
    alphas: Mapping[str, float] = field(default_factory=dict)
    intents: int = 25
    replies: int = 5_000

    def alpha_of(self, intent: str) -> float:
        """The share of this intent's automatic replies that may be wrong."""
        return self.alphas.get(intent, self.alpha)


@dataclass(frozen=True, slots=True)
class Observation:
    """A judged reply to an intent: sent automatically, or drafted and reviewed.

    `confidence` is the verdict's: the probability that replying by itself would have been right,
    0 to 1. `bad`: the customer's signs were bad, or the agent rejected the draft or changed most of
    it. `at` is when the reply was made. `weight` is for how many replies of this kind and intent,
    judged or not, it stands: all of them over those judged, 1 or more.
    """

    confidence: float
    bad: bool
    kind: Kind = "automatic"
    at: datetime = UNDATED
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Count:
    """Judged replies."""

    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class Restart:
    """Counting began anew, for the `number`-th time, when this was the threshold.

    Replies made up to `at` no longer count.
    """

    at: datetime
    number: int
    threshold: float


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds in force: version 0 is what everybody starts with.

    `pinned` are the intents whose thresholds people set; with `all_pinned` every one is. `choices`
    are the weights of what is left to chance.
    """

    version: int
    default_threshold: float
    thresholds: Mapping[str, float] = field(default_factory=dict)
    restarts: Mapping[str, Restart] = field(default_factory=dict)
    pinned: frozenset[str] = frozenset()
    all_pinned: bool = False
    choices: tuple[Weights, ...] = ()

    def threshold(self, intent: str) -> float:
        """The confidence an automatic reply to this intent needs."""
        return self.thresholds.get(intent, self.default_threshold)

    def counting_since(self, intent: str) -> datetime | None:
        """Replies made later count; None while all do."""
        restart = self.restarts.get(intent)
        return restart.at if restart else None

    def period(self, intent: str) -> int:
        """The how-manieth period of counting this is for the intent, from 1."""
        restart = self.restarts.get(intent)
        return restart.number + 1 if restart else 1

    def is_pinned(self, intent: str) -> bool:
        """Whether outcomes leave this intent's threshold alone."""
        return self.all_pinned or intent in self.pinned


@dataclass(frozen=True, slots=True)
class Tuning:
    """Thresholds and what they follow from. `reasons` says in words what changed, by intent.

    `counts` are the judged replies at or above the threshold before that still count.
    """

    default_threshold: float
    thresholds: Mapping[str, float]
    reasons: Mapping[str, str]
    counts: Mapping[str, Count]
    restarts: Mapping[str, Restart] = field(default_factory=dict)
    pinned: frozenset[str] = frozenset()
    all_pinned: bool = False
    choices: tuple[Weights, ...] = ()

    def changes(self, policy: Policy) -> bool:
        """Whether it is any different from `policy`."""
        return self.policy(policy.version) != policy

    def policy(self, version: int) -> Policy:
        """What is in force with it."""
        return Policy(
            version,
            self.default_threshold,
            self.thresholds,
            self.restarts,
            self.pinned,
            self.all_pinned,
            self.choices,
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
        return self.tuning.policy(self.version)

    @property
    def pinned(self) -> bool:
        """Whether people set any of its thresholds."""
        return self.tuning.all_pinned or bool(self.tuning.pinned)
