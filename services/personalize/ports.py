"""What personalize needs from outside."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.personalize.domain.profile import Entry, Profile


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
