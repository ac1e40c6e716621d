"""What only a simulation knows: how replies truly were, and what the best thresholds would be."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from deploy.simulation.people import Reply, Ticket
from services.feedback.domain.evidence import TOP, first_rung
from services.feedback.domain.policy import Policy

DRAFTED_FROM = 0.3
"""Below this confidence nothing is drafted, so nothing is learned of it."""
WAITS_FOR_THRESHOLD = "below_threshold"


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket with its reply, on a day of the simulation."""

    day: int
    ticket: Ticket
    reply: Reply

    @property
    def is_right(self) -> bool:
        return self.reply.is_right(self.ticket.wish)

    @property
    def is_read(self) -> bool:
        """Whether the wish was understood."""
        return self.reply.intent in self.ticket.wish.intents

    @property
    def depends_on_threshold(self) -> bool:
        """Whether the threshold alone decides if it is answered automatically."""
        reply = self.reply
        drafted = reply.decision == "draft" and WAITS_FOR_THRESHOLD in reply.reasons
        return reply.decision == "answer" or drafted


def automation(cases: Sequence[Case], policy: Policy) -> float:
    """The share of these messages that would be answered automatically under this policy."""
    automatic = sum(
        case.reply.confidence >= policy.threshold(case.reply.intent)
        if case.depends_on_threshold
        else case.reply.is_automatic
        for case in cases
    )
    return automatic / len(cases)


def wrong(cases: Iterable[Case]) -> float:
    """The share of automatic replies that are wrong; NaN without any."""
    automatic = [case for case in cases if case.reply.is_automatic]
    return mean([not case.is_right for case in automatic])


def mean(values: Sequence[bool]) -> float:
    """NaN of nothing."""
    return sum(values) / len(values) if values else math.nan


def by_intent(cases: Iterable[Case]) -> Mapping[str, list[Case]]:
    """Those whose threshold matters, by the intent that was read."""
    found: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.depends_on_threshold:
            found[case.reply.intent].append(case)
    return found


def best(cases: Sequence[Case], alpha: float, start: float) -> Policy:
    """With hindsight, of every intent the loosest threshold at or above which at most `alpha` of
    its replies were wrong, down to where nothing is drafted; 1 where there is none."""
    thresholds = {}
    for intent, those in by_intent(cases).items():
        kept = [
            rung
            for rung in range(first_rung(DRAFTED_FROM), TOP)
            if _wrong_from(those, rung / TOP) <= alpha
        ]
        thresholds[intent] = min(kept, default=TOP) / TOP
    return Policy(0, start, thresholds)


def _wrong_from(cases: Sequence[Case], threshold: float) -> float:
    passing = [not case.is_right for case in cases if case.reply.confidence >= threshold]
    return mean(passing) if passing else 0.0
