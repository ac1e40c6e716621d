"""What ingest needs from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.ingest.domain.repeats import Hold, Holder
from services.ingest.domain.threads import Thread
from shared.erasing import Erasure
from shared.events import Attachment, AttachmentStatus


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that was let in: where it was first read, and the event that went on, as JSON.

    `content` is a keyed hash of what was written, `whole` the sealed body where the event has not
    all of it. Of a customer who was erased there is no event any more: it is empty.
    """

    key: str
    ticket_id: str
    content: str
    place: str
    event: str
    accepted_at: datetime
    whole: str | None = None
    customer_key: str | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked of messages: their keys, their tickets, what they say, where they were read."""

    keys: Sequence[str]
    ticket_ids: Sequence[str]
    contents: Sequence[str]
    places: Sequence[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of that: messages by key, threads by ticket, who said a content first,
    and by place the original of a duplicate."""

    messages: Mapping[str, Accepted]
    threads: Mapping[str, Thread]
    holders: Mapping[str, Holder]
    originals: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same message read at another place, pointing at the original."""

    place: str
    original: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class ThreadChange:
    """A ticket as it was read (None when there was none) and as it shall be."""

    ticket_id: str
    before: Thread | None
    after: Thread


class Messages(Protocol):
    """The memory of what was let in. All calls raise TemporaryError when it is away.

    `window` is how long the same content of the same sender is a duplicate; 0 is never.
    """

    window: timedelta

    async def find(self, sought: Sought) -> Known:
        """What is known of it."""

    async def hold(self, holds: Sequence[Hold]) -> None:
        """Store who holds what. Raises TemporaryError, too, when another process did meanwhile."""

    async def change_threads(self, changes: Sequence[ThreadChange], now: datetime) -> set[str]:
        """Make the changes whose ticket still is as it was read; the ids of those tickets whose
        newest turn is now the one of the change."""

    async def add(self, accepted: Sequence[Accepted]) -> set[str]:
        """Insert if absent; the keys of those that were."""

    async def forget(self, erasure: Erasure) -> None:
        """Keep of the customer's messages until then only that they were let in."""

    async def note(self, duplicates: Sequence[Duplicate]) -> int:
        """Remember the duplicates; how many of them were not known yet."""


class Reports(Protocol):
    """When reports that do not say so themselves came in first."""

    async def first_seen(self, seen: Mapping[str, datetime]) -> Mapping[str, datetime]:
        """Insert these times by event id if absent; what is stored then."""


@dataclass(frozen=True, slots=True)
class AttachmentText:
    """What became of reading an attachment; `text` is what it says, if `status` is `read`."""

    status: AttachmentStatus
    text: str | None = None


class Attachments(Protocol):
    """Files that came with messages."""

    async def read(self, attachments: Sequence[Attachment]) -> list[AttachmentText]:
        """One reading each, in their order. Never raises for what a file or its host does."""
