"""Tickets are let in once, whatever comes again, and go on to classify."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from services.ingest import metrics, record
from services.ingest.domain.repeats import Claim, judged
from services.ingest.domain.threads import Thread
from services.ingest.incoming import Incoming
from services.ingest.ports import (
    Accepted,
    Attachments,
    AttachmentText,
    Duplicate,
    Messages,
    Sought,
)
from services.ingest.reader import Reader, Taken
from shared.envelope import Event
from shared.errors import InvalidEvent, TemporaryError
from shared.events import Payload
from shared.outcome import DONE, Outcome, Outgoing
from shared.topics import CLASSIFY

MOST_READ = 10
"""Attachments of a message that are read."""


class Tickets:
    """Lets messages in: told from known ones, read, stored, published."""

    def __init__(self, messages: Messages, attachments: Attachments, reader: Reader) -> None:
        self._messages = messages
        self._attachments = attachments
        self._reader = reader

    async def accept(self, incoming: Sequence[Incoming], now: datetime) -> list[Outcome]:
        """One outcome each, in their order."""
        claims = [
            Claim(item.repeated, item.key, item.place)
            for item in incoming
            if item.repeated and self._messages.window
        ]
        found = await self._messages.find(
            Sought(
                [item.key for item in incoming],
                [item.event.data.ticket_id for item in incoming],
                [claim.content for claim in claims],
                [claim.place for claim in claims],
            )
        )
        known = found.messages
        said_before, holds = judged(
            [claim for claim in claims if claim.key not in known],
            found.holders,
            found.originals,
            self._messages.window,
            now,
        )
        new = [item for item in incoming if item.key not in known and item.key not in said_before]
        # What takes longest is done meanwhile; nothing of it is stored before the claims are.
        _, taken = await asyncio.gather(
            self._messages.hold(holds), self._read_all(new, found.threads, now)
        )
        made = await self._let_in(taken, now)
        again = [
            Duplicate(item.place, said_before.get(item.key, item.key), now)
            for item in incoming
            if item.key in said_before
            or (item.key in known and _is_duplicate(item, known[item.key]))
        ]
        metrics.DUPLICATES.inc(await self._messages.note(again))
        done = dict.fromkeys(said_before, DONE)
        return [
            _again(item, known[item.key]) if item.key in known else (done | made)[item.key]
            for item in incoming
        ]

    async def _let_in(self, taken: Sequence[Taken], now: datetime) -> dict[str, Outcome]:
        """Store thread and message, and say what is to be published.

        The thread goes first: if the process dies between the two, the message finds its turn and
        its placeholders there. Whoever loses a race with another process reads again what it did.
        """
        changes = [one.change for one in taken if one.change.after != one.change.before]
        changed = await self._messages.change_threads(changes, now)
        late = {change.ticket_id for change in changes} - changed
        in_time = [one.accepted for one in taken if one.accepted.ticket_id not in late]
        added = await self._messages.add(in_time)
        raced = Outcome(error=TemporaryError("another process took this ticket's turn"))
        return {
            one.accepted.key: _published(one.event) if one.accepted.key in added else raced
            for one in taken
        }

    async def _read_all(
        self, new: Sequence[Incoming], threads: Mapping[str, Thread], now: datetime
    ) -> list[Taken]:
        files = await self._files(new)
        return await asyncio.to_thread(self._read, new, files, threads, now)

    async def _files(self, new: Sequence[Incoming]) -> list[list[AttachmentText]]:
        """What the files of each message say."""
        attachments = [item.event.data.attachments[:MOST_READ] for item in new]
        texts = iter(await self._attachments.read([one for some in attachments for one in some]))
        return [[next(texts) for _ in some] for some in attachments]

    def _read(
        self,
        new: Sequence[Incoming],
        files: Sequence[Sequence[AttachmentText]],
        threads: Mapping[str, Thread],
        now: datetime,
    ) -> list[Taken]:
        return [
            self._reader.read(item, texts, threads.get(item.event.data.ticket_id), now)
            for item, texts in zip(new, files, strict=True)
        ]


def _is_duplicate(item: Incoming, stored: Accepted) -> bool:
    return item.content == stored.content and item.place != stored.place


def _again(item: Incoming, stored: Accepted) -> Outcome:
    """A message known already: redelivered, sent again, or another under the same id."""
    if item.content != stored.content:
        why = "another message of this ticket has the same id"
        return Outcome(error=InvalidEvent("message_id.conflict", why, "message_id"))
    if _is_duplicate(item, stored) or not stored.event:
        return DONE
    return _published(record.read(stored.event))


def _published(event: Event[Payload]) -> Outcome:
    return Outcome(publish=(Outgoing(CLASSIFY, event),))
