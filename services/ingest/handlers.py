"""Event in, events out: tickets are let in, reports are passed on, neither with personal data; and
customers are forgotten."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.ingest.domain.reading import Rules
from services.ingest.erasures import ErasureDesk
from services.ingest.incoming import Incoming
from services.ingest.keys import Keys
from services.ingest.ports import Attachments, Messages, Reports
from services.ingest.reader import Reader
from services.ingest.reports import ReportDesk
from services.ingest.tickets import Tickets
from shared.envelope import Event
from shared.erasing import Eraser, Marks
from shared.events import ErasureRequested, Payload, TicketReceived
from shared.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Stores:
    """What ingest reaches outside itself."""

    messages: Messages
    reports: Reports
    attachments: Attachments
    marks: Marks


class IngestHandler:
    """Handles everything on `ingest`. `now` gives the time, with its zone."""

    def __init__(
        self, stores: Stores, keys: Keys, rules: Rules, now: Callable[[], datetime]
    ) -> None:
        self._tickets = Tickets(stores.messages, stores.attachments, Reader(keys, rules))
        self._reports = ReportDesk(stores.reports, keys, rules)
        self._erasures = ErasureDesk(
            Eraser(stores.marks, stores.messages.forget), stores.reports, keys
        )
        self._keys = keys
        self._now = now

    async def take(self, events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        """Let the tickets in, pass the reports on, forget whom is to be forgotten."""
        now = self._now()
        kinds = [_kind(event) for event in events]
        told_apart = {
            kind: [event for event, of in zip(events, kinds, strict=True) if of is kind]
            for kind in (TicketReceived, ErasureRequested, Payload)
        }
        incoming = [Incoming.of(event, self._keys) for event in told_apart[TicketReceived]]
        reports, wishes = told_apart[Payload], told_apart[ErasureRequested]
        outcomes = {
            TicketReceived: iter(await self._tickets.accept(incoming, now) if incoming else ()),
            ErasureRequested: iter(await self._erasures.forget(wishes, now) if wishes else ()),
            Payload: iter(await self._reports.pass_on(reports, now) if reports else ()),
        }
        return [next(outcomes[kind]) for kind in kinds]

    async def forget_late_ones(self) -> None:
        """What came of erased customers though it is from before. Raises TemporaryError."""
        await self._erasures.again()


def _kind(event: Event[Any]) -> type[Payload]:
    """Tickets and wishes to be forgotten by their type; all else is a report."""
    for kind in (TicketReceived, ErasureRequested):
        if isinstance(event.data, kind):
            return kind
    return Payload
