"""Accepted messages in, classified ones out. The only place that knows contract and domain."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from services.classify import metrics
from services.classify.domain.text import text_for_model
from services.classify.understanding import Understander
from shared.envelope import Event
from shared.events import TicketAccepted, TicketClassified
from shared.outcome import Outcome, Outgoing
from shared.topics import PERSONALIZE

SOURCE = "/careloop/classify"


class ClassifyHandler:
    """Reads a whole wave in one pass of the model, in a thread: the event loop stays free.

    Stateless: the same message read by the same model gives the same event.
    """

    def __init__(self, understander: Understander, now: Callable[[], datetime]) -> None:
        self._understander = understander
        self._now = now

    async def classify(self, events: Sequence[Event[TicketAccepted]]) -> list[Outcome]:
        tickets = [event.data.ticket for event in events]
        now = self._now()
        understood = await asyncio.to_thread(
            self._understander.understand,
            [text_for_model(ticket.subject, ticket.text) for ticket in tickets],
            [ticket.created_at for ticket in tickets],
            now,
        )
        for reading in understood:
            if reading.is_out_of_scope:
                metrics.OUT_OF_SCOPE.inc()
            else:
                metrics.CONFIDENCE.observe(reading.confidence)
        now = self._now()
        return [
            _outcome(event, TicketClassified(ticket=event.data.ticket, understanding=reading), now)
            for event, reading in zip(events, understood, strict=True)
        ]


def _outcome(event: Event[TicketAccepted], data: TicketClassified, now: datetime) -> Outcome:
    return Outcome(publish=(Outgoing(PERSONALIZE, event.derive(data, source=SOURCE, now=now)),))
