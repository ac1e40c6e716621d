"""What personalize needs from outside."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.personalize.domain.ledger import Moment
from services.personalize.domain.population import Member
from services.personalize.domain.profile import Entry, Profile
from services.personalize.domain.view import View
from services.personalize.models import Model
from shared.events import ModelPromoted


class ProfileStore(Protocol):
    """Profiles by customer key, and the archive of facts that count. Raises TemporaryError."""

    async def load(self, customer_keys: Iterable[str]) -> Mapping[str, Profile]:
        """The profiles that exist, in one read."""

    async def save(self, profiles: Sequence[Profile]) -> bool:
        """Store profiles that nobody changed since they were loaded, in one write.

        False if at least one was changed by somebody else meanwhile; the others are stored.
        """

    async def archived(self, event_ids: Iterable[str]) -> Mapping[str, Entry]:
        """What is archived of these events."""

    async def archive(self, entries: Mapping[str, Sequence[Entry]], now: datetime) -> None:
        """Archive entries by customer key; what is archived stays as it is."""

    async def forget(self, customer_key: str, until: datetime) -> None:
        """Delete what was archived of a customer's facts received up to then."""

    async def customers_of(self, ticket_ids: Iterable[str]) -> Mapping[str, str]:
        """The customer keys of tickets, as far as they are known."""


class Members(Protocol):
    """The profiles changed last, for what they tell together. Raises TemporaryError."""

    def members(self, most: int, now: datetime) -> AsyncIterator[Sequence[Member]]:
        """At most so many, those changed last first, some at a time."""


class Views(Protocol):
    """Makes the views of messages. Blocks: to be called in a thread."""

    def views(self, moments: Sequence[Moment], now: datetime) -> Mapping[str, View]:
        """A view for each, by event id."""


class ModelSource(Protocol):
    """Where models come from. Blocks: to be called in a thread.

    Raises TemporaryError when the store or the model cannot be used.
    """

    def names(self) -> Sequence[str]:
        """The names of the models that there are and that are wanted."""

    def wants(self, name: str) -> bool:
        """Whether a model of this name is to be served."""

    def load(self, name: str, version: str | None) -> tuple[str, Model]:
        """This version of a model, or the one stored last; with its version."""


class State(Protocol):
    """Which models were promoted. Raises TemporaryError."""

    async def promoted(self) -> Mapping[str, ModelPromoted]:
        """The last promotion of each, by name."""

    async def save_promoted(self, promoted: ModelPromoted) -> None:
        """Remember it, unless a newer one of that name is known."""
