"""Accepted messages in, classified ones out. The only place that knows contract and domain."""

import asyncio
import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

from services.classify.domain.heads import Floats, Ranked, Reading
from services.classify.domain.text import text_for_model
from services.classify.ports import Model
from shared.envelope import Event
from shared.events import (
    Priority,
    RankedLabel,
    Sentiment,
    Ticket,
    TicketAccepted,
    TicketClassified,
    Understanding,
    Vector,
)
from shared.outcome import Outcome, Outgoing
from shared.topics import PERSONALIZE

SOURCE = "/careloop/classify"


class ClassifyHandler:
    """Reads a whole wave in one pass of the model, in a thread: the event loop stays free.

    `model` gives the one in force, or raises TemporaryError. Stateless: the same message read by
    the same model gives the same event.
    """

    def __init__(self, model: Callable[[], Model], now: Callable[[], datetime]) -> None:
        self._model = model
        self._now = now

    async def classify(self, events: Sequence[Event[TicketAccepted]]) -> list[Outcome]:
        model = self._model()
        tickets = [event.data.ticket for event in events]
        texts = [text_for_model(ticket.subject, ticket.text) for ticket in tickets]
        readings = await asyncio.to_thread(model.read, texts)
        now = self._now()
        return [
            _outcome(event, classified(event.data.ticket, reading, model, now), now)
            for event, reading in zip(events, readings, strict=True)
        ]


def classified(ticket: Ticket, reading: Reading, model: Model, now: datetime) -> TicketClassified:
    """The ticket with what was read in it."""
    first = reading.intents[0]
    understanding = Understanding(
        intent=first.label,
        confidence=_probability(first),
        intents=tuple(
            RankedLabel(label=ranked.label, probability=_probability(ranked))
            for ranked in reading.intents
        ),
        # The heads' labels are the contract's: training refuses others.
        sentiment=cast(Sentiment, reading.sentiment.label),
        sentiment_confidence=_probability(reading.sentiment),
        priority=cast(Priority, reading.priority.label),
        priority_confidence=_probability(reading.priority),
        model_version=model.version,
        vector=Vector(
            model=model.encoder_name,
            version=model.encoder_version,
            data=packed(reading.vector),
        ),
        classified_at=now,
    )
    return TicketClassified(ticket=ticket, understanding=understanding)


def packed(vector: Floats) -> str:
    """Little-endian fp16 in base64: 1 KB for 384 values, cosine with the original over 0.999999."""
    return base64.b64encode(vector.astype("<f2").tobytes()).decode("ascii")


def _probability(ranked: Ranked) -> float:
    return round(min(1.0, max(0.0, ranked.probability)), 4)


def _outcome(event: Event[TicketAccepted], data: TicketClassified, now: datetime) -> Outcome:
    return Outcome(publish=(Outgoing(PERSONALIZE, event.derive(data, source=SOURCE, now=now)),))
