"""What many customers together tell of one: standards, what follows on what, what plans use.

It is counted anew from profiles each time, and a profile counts each fact once, so nothing can
count twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from services.personalize.domain.consumption import PlanUsage, per_day
from services.personalize.domain.next_need import Transitions, with_transition
from services.personalize.domain.purchases import Purchases
from services.personalize.domain.segment import Buyer, Standards, buyer, standards_of
from services.personalize.domain.usage import Prior, with_customer
from services.personalize.domain.wishes import Wish, asked_by_ticket

MOST_PRIORS = 1_000
"""Plans whose usage is summed up: their names come from outside."""


class Member(NamedTuple):
    """What counts of a profile."""

    purchases: Purchases = Purchases()
    wishes: tuple[Wish, ...] = ()
    usage: tuple[PlanUsage, ...] = ()


@dataclass(frozen=True)
class Population:
    """What was found over so many customers; empty before anybody was counted."""

    customers: int = 0
    standards: Standards = field(default_factory=Standards)
    transitions: Transitions = field(default_factory=Transitions)
    priors: Mapping[str, Prior] = field(default_factory=dict)

    def prior(self, plan: str) -> Prior:
        """What customers of this plan use a day."""
        return self.priors.get(plan, Prior())


class Census:
    """Counts members as of `now`, some at a time."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._customers = 0
        self._buyers: list[Buyer] = []
        self._transitions = Transitions()
        self._priors: dict[str, Prior] = {}

    def add(self, members: Iterable[Member]) -> None:
        """Some more members."""
        for member in members:
            self._customers += 1
            if found := buyer(member.purchases, self._now):
                self._buyers.append(found)
            self._add_wishes(member.wishes)
            self._add_usage(member.usage)

    def population(self) -> Population:
        """What was found so far."""
        standards = standards_of(self._buyers)
        return Population(self._customers, standards, self._transitions, dict(self._priors))

    def _add_wishes(self, wishes: tuple[Wish, ...]) -> None:
        before: str | None = None
        for asked in asked_by_ticket(wishes).values():
            self._transitions = with_transition(self._transitions, before, asked.intent)
            before = asked.intent

    def _add_usage(self, usage: tuple[PlanUsage, ...]) -> None:
        for one in usage:
            used = per_day(one)
            if used is not None and (one.plan in self._priors or len(self._priors) < MOST_PRIORS):
                self._priors[one.plan] = with_customer(self._priors.get(one.plan, Prior()), used)
