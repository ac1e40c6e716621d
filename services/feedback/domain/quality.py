"""How good the service is, in figures that say how sure they are."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.feedback.domain.history import AUTOMATIC
from services.feedback.domain.verdicts import Verdict

Z_95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution: 95 % between minus and plus."""


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`, with its 95 % interval. Without any whole nothing is known."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        """The share seen; NaN when there was nothing to see."""
        return self.part / self.whole if self.whole else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % score interval of the true share.

        Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical
        inference", Journal of the American Statistical Association 22(158), 209-212.
        """
        if not self.whole:
            return 0.0, 1.0
        n, share, z2 = self.whole, self.part / self.whole, Z_95**2
        middle = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = Z_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Group:
    """Responses that have intent, decision and verdict in common.

    `ratings` counts the ratings they were given, `stars` sums them up, `satisfied` counts those of
    4 or 5.
    """

    intent: str
    decision: str
    verdict: Verdict
    responses: int
    ratings: int = 0
    stars: int = 0
    satisfied: int = 0


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of some responses, all of them or those of one intent."""

    groups: tuple[Group, ...]

    @property
    def responses(self) -> int:
        return sum(group.responses for group in self.groups)

    @property
    def automation(self) -> Share:
        """The share of responses that reached the customer without a person."""
        automatic = sum(g.responses for g in self.groups if g.decision in AUTOMATIC)
        return Share(automatic, self.responses)

    @property
    def wrong(self) -> Share:
        """The share of bad among the automatic replies that were judged."""
        return Share(self.judged("bad"), self.judged("bad") + self.judged("good"))

    @property
    def satisfied(self) -> Share:
        """The share of ratings of 4 or 5 among all."""
        return Share(sum(g.satisfied for g in self.groups), sum(g.ratings for g in self.groups))

    @property
    def satisfaction(self) -> float:
        """Mean of all ratings, 1 to 5; NaN without any."""
        ratings = sum(group.ratings for group in self.groups)
        return sum(group.stars for group in self.groups) / ratings if ratings else math.nan

    def judged(self, verdict: Verdict) -> int:
        """Automatic replies with this verdict; `unknown` are those nobody said anything about."""
        of_verdict = (g for g in self.groups if g.verdict == verdict and g.decision in AUTOMATIC)
        return sum(group.responses for group in of_verdict)

    def decided(self, decision: str) -> int:
        """Responses with this decision."""
        return sum(group.responses for group in self.groups if group.decision == decision)


def by_intent(groups: Sequence[Group]) -> dict[str, Quality]:
    """The figures of each intent, the most frequent first."""
    intents = {group.intent for group in groups}
    found = {intent: Quality(_of(groups, intent)) for intent in intents}
    return dict(sorted(found.items(), key=lambda item: (-item[1].responses, item[0])))


def _of(groups: Iterable[Group], intent: str) -> tuple[Group, ...]:
    return tuple(group for group in groups if group.intent == intent)
