"""What measuring quality needs from outside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.feedback.domain.contacts import Contact
from services.feedback.domain.efficiency import Effort
from services.feedback.domain.quality import Contacts, Dimension, Group
from services.feedback.domain.savings import Waits
from services.feedback.domain.verdicts import JudgedResponse, Waiting

ALL = "(all)"
"""Stands for all values of a dimension together."""


@dataclass(frozen=True, slots=True)
class Period:
    """The responses from `since` on; those after `settled` may still get bad signs."""

    since: datetime
    settled: datetime


class Judgements(Protocol):
    """What became of each response. Raises TemporaryError."""

    async def save(self, judged: Sequence[JudgedResponse], waiting: Sequence[Waiting] = ()) -> None:
        """Store verdicts, and what waits for a response; what more facts led to stays."""

    async def contacts(self, near: Collection[Contact]) -> Sequence[Contact]:
        """What the same customers wrote on the same wishes, as far as these may repeat it or be
        repeated by it; in one read."""


class Figures(Protocol):
    """Outcomes counted by the database. Raises TemporaryError."""

    async def counted(self, period: Period, by: Dimension) -> Sequence[Group]:
        """The responses by any dimension."""

    async def contact_rates(self, period: Period, by: Dimension | None) -> Mapping[str, Contacts]:
        """How often customers wrote, by any dimension, or all of them under `ALL`; customers nobody
        knows are left out."""

    async def escalation_reasons(
        self, period: Period, by: Dimension
    ) -> Mapping[str, Mapping[str, int]]:
        """How often each reason stood behind an escalation, by any dimension."""

    async def waiting(self, since: datetime) -> Sequence[datetime]:
        """When the signals since then were said whose response is not known."""


class Looks(Protocol):
    """What the last look for a reason to train found. Raises TemporaryError."""

    async def drifted(self) -> Collection[str]:
        """The tests that found drift."""


class Efforts(Protocol):
    """Time and cost counted by the database. Raises TemporaryError."""

    async def efforts(self, period: Period, by: Dimension | None) -> Mapping[str, Effort]:
        """What tickets took, by any dimension, or all of them under `ALL`."""

    async def waits_for_people(self, period: Period) -> Sequence[Waits]:
        """How the replies of each intent waited for a person."""
