"""Event in, events out: tickets are let in, reports are passed on, neither with personal data."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.ingest import metrics, record
from services.ingest.domain import cleaning, identity
from services.ingest.domain.personal import Kind
from services.ingest.domain.reading import (
    LONGEST_FIELD,
    TOMORROW,
    File,
    Message,
    Rules,
    read,
    scrubbed,
)
from services.ingest.domain.threads import LONGEST_SAID, Said, Thread
from services.ingest.keys import Keys
from services.ingest.ports import (
    Accepted,
    Attachments,
    AttachmentText,
    Claim,
    Duplicate,
    Messages,
    Reports,
    ThreadChange,
)
from services.ingest.record import SOURCE
from shared.envelope import Event, new_event
from shared.errors import InvalidEvent, TemporaryError
from shared.events import (
    AttachmentRead,
    InteractionRecorded,
    Payload,
    Reported,
    Ticket,
    TicketAccepted,
    Turn,
)
from shared.events import TicketReceived as Received
from shared.outcome import DONE, Outcome, Outgoing
from shared.topics import CLASSIFY, FEEDBACK

MOST_READ = 10
"""Attachments of a message that are read."""

FREE_TEXT = ("comment", "final_text", "reason")
"""What people wrote in a report."""


@dataclass(frozen=True, slots=True)
class _Incoming:
    """A message with what tells it from others. `place` is where it was read; `repeated` is the
    same for whatever says the same of the same sender."""

    event: Event[Received]
    message_id: str
    key: str
    content: str
    place: str
    repeated: str | None


@dataclass(frozen=True, slots=True)
class Stores:
    """What ingest reaches outside itself."""

    messages: Messages
    reports: Reports
    attachments: Attachments


class IngestHandler:
    """Handles everything on `ingest`. `now` gives the time, with its zone."""

    def __init__(
        self, stores: Stores, keys: Keys, rules: Rules, now: Callable[[], datetime]
    ) -> None:
        self._messages = stores.messages
        self._reports = stores.reports
        self._attachments = stores.attachments
        self._keys = keys
        self._rules = rules
        self._now = now

    async def take(self, events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        """Let the tickets in and pass the reports on."""
        is_ticket = [isinstance(event.data, Received) for event in events]
        tickets = [event for event, ticket in zip(events, is_ticket, strict=True) if ticket]
        reports = [event for event, ticket in zip(events, is_ticket, strict=True) if not ticket]
        accepted = iter(await self._accept(tickets) if tickets else ())
        passed_on = iter(await self._pass_on(reports) if reports else ())
        return [next(accepted if ticket else passed_on) for ticket in is_ticket]

    # -- tickets -----------------------------------------------------------------------------

    async def _accept(self, events: Sequence[Event[Received]]) -> list[Outcome]:
        now = self._now()
        incoming = [self._identified(event) for event in events]
        known, threads = await self._messages.find(
            [item.key for item in incoming], [item.event.data.ticket_id for item in incoming]
        )
        new = [item for item in incoming if item.key not in known]
        claims = [Claim(item.repeated, item.key, item.place) for item in new if item.repeated]
        said_before = await self._messages.claim(claims, now)
        made = await self._let_in(
            [item for item in new if item.key not in said_before], threads, now
        )
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

    def _identified(self, event: Event[Received]) -> _Incoming:
        data = event.data
        written = data.subject, data.body, [attachment.url for attachment in data.attachments]
        content = identity.content(self._keys.content, data.ticket_id, *written)
        sender = self._customer_key(data) or f"ticket {data.ticket_id}"
        repeated = identity.repeated(self._keys.content, sender, *written)
        message_id = identity.message_id(data.message_id, content, data.created_at)
        key = identity.key(data.ticket_id, message_id)
        at = event.position
        place = event.id if at is None else f"{at.topic}/{at.partition}/{at.offset}"
        return _Incoming(event, message_id, key, content, place, repeated)

    async def _let_in(
        self, new: Sequence[_Incoming], threads: Mapping[str, Thread], now: datetime
    ) -> dict[str, Outcome]:
        """Read the new messages, store thread and message, and say what is to be published.

        The thread goes first: if the process dies between the two, the message finds its turn and
        its placeholders there. Whoever loses a race with another process reads again what it did.
        """
        files = await self._files(new)
        results = await asyncio.to_thread(self._read_all, new, files, threads, now)
        changes = [change for change, _, _ in results if change.after != change.before]
        taken = await self._messages.change_threads(changes, now)
        late = {change.ticket_id for change in changes} - taken
        in_time = [accepted for _, accepted, _ in results if accepted.ticket_id not in late]
        added = await self._messages.add(in_time)
        raced = Outcome(error=TemporaryError("another process took this ticket's turn"))
        return {
            accepted.key: _published(event) if accepted.key in added else raced
            for _, accepted, event in results
        }

    async def _files(self, new: Sequence[_Incoming]) -> list[list[AttachmentText]]:
        """What the files of each message say."""
        attachments = [item.event.data.attachments[:MOST_READ] for item in new]
        texts = iter(await self._attachments.read([one for some in attachments for one in some]))
        return [[next(texts) for _ in some] for some in attachments]

    def _read_all(
        self,
        new: Sequence[_Incoming],
        files: Sequence[Sequence[AttachmentText]],
        threads: Mapping[str, Thread],
        now: datetime,
    ) -> list[tuple[ThreadChange, Accepted, Event[Payload]]]:
        return [
            self._read(item, texts, threads.get(item.event.data.ticket_id), now)
            for item, texts in zip(new, files, strict=True)
        ]

    def _read(
        self,
        item: _Incoming,
        texts: Sequence[AttachmentText],
        thread: Thread | None,
        now: datetime,
    ) -> tuple[ThreadChange, Accepted, Event[Payload]]:
        data = item.event.data
        before = thread or Thread()
        result = read(
            _message(data, texts),
            before,
            self._rules,
            fingerprint=lambda written: self._keys.original(data.ticket_id, written),
            now=now,
        )
        turn = before.turn_of(item.key)
        said = Said(turn, cleaning.cut(result.text, LONGEST_SAID).text, result.created_at)
        after = before.with_message(item.key, result.language, result.placeholders, said)
        ticket = Ticket(
            ticket_id=data.ticket_id,
            message_id=item.message_id,
            turn=turn,
            source=self._label(data.source),
            channel=self._label(data.channel),
            subject=result.subject,
            text=result.text,
            language=result.language,
            language_confidence=result.language_confidence,
            languages=dict(result.languages),
            quoted=result.quoted,
            signature=result.signature,
            words=result.words,
            history=tuple(
                Turn(turn=past.turn, text=past.text, created_at=past.created_at)
                for past in before.before(turn)
            ),
            customer_key=self._customer_key(data),
            sealed=self._keys.seal(result.originals, data.ticket_id),
            created_at=result.created_at,
            received_at=now,
            attachments=tuple(
                AttachmentRead(
                    url=file.url, media_type=told.media_type, status=read.status, text=file.text
                )
                for told, file, read in zip(
                    data.attachments, result.files, _padded(texts, data), strict=True
                )
            ),
            flags=result.flags,
            metadata=result.metadata,
        )
        event = new_event(
            TicketAccepted(ticket=ticket),
            cause=item.key,
            source=SOURCE,
            now=now,
            traceparent=item.event.traceparent,
        )
        truncated = "body_truncated" in result.flags
        accepted = Accepted(
            item.key,
            data.ticket_id,
            item.content,
            item.place,
            record.written(event),
            now,
            self._keys.seal({"body": data.body}, data.ticket_id) if truncated else None,
        )
        return ThreadChange(data.ticket_id, thread, after), accepted, event

    def _customer_key(self, data: Received) -> str | None:
        return self._keys.customer(data.customer.customer_id, data.customer.email)

    def _label(self, text: str) -> str:
        line = cleaning.clean_line(text, LONGEST_FIELD).text
        return scrubbed(line, self._rules) or "unknown"

    # -- reports -----------------------------------------------------------------------------

    async def _pass_on(self, events: Sequence[Event[Reported]]) -> list[Outcome]:
        """Reports without a time of their own happened when they first came in.

        That time is stored by event id, because an event without `ce_time` has another one each
        time it is read, and a redelivery must publish what was published before.
        """
        now = self._now().replace(microsecond=0)
        undated = {event.id: now for event in events if not _has_time(event.data, now)}
        first_seen = await self._reports.first_seen(undated)
        return await asyncio.to_thread(
            lambda: [self._passed_on(event, first_seen.get(event.id)) for event in events]
        )

    def _passed_on(self, event: Event[Reported], first_seen: datetime | None) -> Outcome:
        data = event.data
        if isinstance(data, InteractionRecorded) and data.customer_id is None:
            # The key it was told instead is not ours.
            error = InvalidEvent("field.missing", "customer_id is needed", "customer_id")
            return Outcome(error=error)
        occurred_at = first_seen or data.occurred_at or event.time
        changes: dict[str, Any] = {
            "customer_id": None,
            "agent_id": None,
            "customer_key": self._keys.customer(data.customer_id),
            "agent_key": self._keys.agent(data.agent_id),
            "occurred_at": occurred_at,
        }
        for name in FREE_TEXT:
            if isinstance(text := getattr(data, name, None), str):
                changes[name] = scrubbed(text, self._rules)
        report = data.model_copy(update=changes)
        follows = event.derive(report, source=SOURCE, now=occurred_at)
        return Outcome(publish=(Outgoing(FEEDBACK, follows),))


def _padded(texts: Sequence[AttachmentText], data: Received) -> list[AttachmentText]:
    """One reading for every attachment; those past `MOST_READ` were not tried."""
    untried = AttachmentText("not_read")
    return [*texts, *[untried] * (len(data.attachments) - len(texts))]


def _message(data: Received, texts: Sequence[AttachmentText]) -> Message:
    """The message as the domain sees it."""
    customer = data.customer
    own: dict[Kind, str] = {
        "NAME": customer.name or "",
        "EMAIL": customer.email or "",
        "PHONE": customer.phone or "",
    }
    return Message(
        subject=data.subject,
        body=data.body,
        own=own,
        language=data.language,
        created_at=data.created_at,
        files=tuple(
            File(attachment.url, read.text)
            for attachment, read in zip(data.attachments, _padded(texts, data), strict=True)
        ),
        metadata=data.metadata,
    )


def _is_duplicate(item: _Incoming, stored: Accepted) -> bool:
    return item.content == stored.content and item.place != stored.place


def _again(item: _Incoming, stored: Accepted) -> Outcome:
    """A message known already: redelivered, sent again, or another under the same id."""
    if item.content != stored.content:
        why = "another message of this ticket has the same id"
        return Outcome(error=InvalidEvent("message_id.conflict", why, "message_id"))
    return DONE if _is_duplicate(item, stored) else _published(record.read(stored.event))


def _published(event: Event[Payload]) -> Outcome:
    return Outcome(publish=(Outgoing(CLASSIFY, event),))


def _has_time(report: Reported, now: datetime) -> bool:
    return report.occurred_at is not None and report.occurred_at <= now + TOMORROW
