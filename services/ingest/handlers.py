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
from shared.events import ErasureRequested, Reported, TicketReceived
from shared.outcome import Outcome, by_kind


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
        """Let the tickets in, forget whom is to be forgotten, pass the reports on."""
        now = self._now()

        async def let_in(tickets: Sequence[Event[TicketReceived]]) -> Sequence[Outcome]:
            return await self._tickets.accept([Incoming.of(t, self._keys) for t in tickets], now)

        async def forget(wishes: Sequence[Event[ErasureRequested]]) -> Sequence[Outcome]:
            return await self._erasures.forget(wishes, now)

        async def pass_on(reports: Sequence[Event[Reported]]) -> Sequence[Outcome]:
            return await self._reports.pass_on(reports, now)

        return await by_kind(
            events, {TicketReceived: let_in, ErasureRequested: forget, Reported: pass_on}
        )

    async def forget_late_ones(self) -> None:
        """What came of erased customers though it is from before. Raises TemporaryError."""
        await self._erasures.again()
