"""What feedback needs from outside."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.feedback.domain.history import TicketHistory
from services.feedback.domain.policy import Decided, Observation
from services.feedback.domain.verdicts import JudgedResponse
from shared.envelope import Event
from shared.events import Payload
from shared.topics import TopicCard


class Histories(Protocol):
    """What is known of each ticket. Raises TemporaryError."""

    async def add(self, told: Sequence[TicketHistory]) -> None:
        """Add to what is known, in one write; what is known already stays."""

    async def load(self, ticket_ids: Iterable[str]) -> Sequence[TicketHistory]:
        """The histories of these tickets, in one read."""


class Outcomes(Protocol):
    """What became of each response. Raises TemporaryError."""

    async def save(self, judged: Sequence[JudgedResponse]) -> None:
        """Store verdicts, in one write; one reached from more facts stays."""

    async def evidence(self, newest: int, settled: datetime) -> Mapping[str, Sequence[Observation]]:
        """The newest judged replies of every intent, automatic ones and reviewed drafts: so many of
        each intent at most that were made until `settled`, and as many later ones."""


class Messages(Protocol):
    """What customers asked, and what agents wrote and said of it. Raises TemporaryError."""

    async def keep(self, events: Sequence[Event[Any]]) -> None:
        """Store what these events tell of messages; told again it changes nothing."""


class Policies(Protocol):
    """Every policy there was. Raises TemporaryError."""

    async def current(self) -> Decided | None:
        """The newest one; None before the first."""

    async def add(self, decided: Decided) -> None:
        """Store a new version, not published yet; one already there stays."""

    async def unpublished(self) -> Sequence[Decided]:
        """Those not known to be published, oldest first."""

    async def mark_published(self, version: int) -> None:
        """It is known now."""

    async def studied(self) -> str | None:
        """The fingerprint of what was last found to call for no change."""

    async def mark_studied(self, fingerprint: str) -> None:
        """This calls for no change."""


class Announcer(Protocol):
    """Publishes events. Raises TemporaryError."""

    async def publish(self, topic: TopicCard, *events: Event[Payload]) -> None:
        """Returns when they are safe."""
