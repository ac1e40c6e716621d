"""Event in, events out: tickets are let in, reports are passed on, neither with personal data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.ingest.domain.reading import Rules
from services.ingest.incoming import Incoming
from services.ingest.keys import Keys
from services.ingest.ports import Attachments, Messages, Reports
from services.ingest.reader import Reader
from services.ingest.reports import ReportDesk
from services.ingest.tickets import Tickets
from shared.envelope import Event
from shared.events import TicketReceived
from shared.outcome import Outcome


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
        self._tickets = Tickets(stores.messages, stores.attachments, Reader(keys, rules))
        self._reports = ReportDesk(stores.reports, keys, rules)
        self._keys = keys
        self._now = now

    async def take(self, events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        """Let the tickets in and pass the reports on."""
        is_ticket = [isinstance(event.data, TicketReceived) for event in events]
        told_apart = list(zip(events, is_ticket, strict=True))
        incoming = [Incoming.of(event, self._keys) for event, ticket in told_apart if ticket]
        reports = [event for event, ticket in told_apart if not ticket]
        now = self._now()
        accepted = iter(await self._tickets.accept(incoming, now) if incoming else ())
        passed_on = iter(await self._reports.pass_on(reports, now) if reports else ())
        return [next(accepted if ticket else passed_on) for ticket in is_ticket]
