"""Messages, processes and what they leave behind, for the tests of ingest's handler."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import REGISTRY

from services.ingest.attachments.addresses import AllowedHosts
from services.ingest.attachments.http import HttpAttachments, Limits
from services.ingest.domain.reading import Rules
from services.ingest.handlers import IngestHandler, Stores
from services.ingest.keys import Keys, fresh
from services.ingest.mongo import MongoMessages, MongoReports
from services.ingest.settings import Settings
from shared import topics
from shared.envelope import Event, Position, encode, new_event
from shared.events import (
    Payload,
    Ticket,
    TicketAccepted,
    TicketReceived,
)
from shared.mongo import Mongo, MongoErasures
from shared.outcome import Outcome
from shared.sealing import KeyRing

NOON = datetime(2096, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
"""In the future, for the database deletes by the real clock what has expired."""
SECRETS = fresh()
REMEMBER = timedelta(days=90)
WINDOW = timedelta(minutes=10)
LEI = {"customer_id": "C-77", "name": "李雷", "email": "lei@example.com", "phone": "13812345678"}


class Killed(BaseException):
    """The process ends here: nothing after it is carried out, nothing catches it."""


class Clock:
    """Later at every look, so that anything made twice would differ."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1, microseconds=7)
        return self.time


def process(
    messages: MongoMessages, mongo: Mongo, rules: Rules, now: Callable[[], datetime] | None = None
) -> IngestHandler:
    """One process of the worker."""
    keys = Keys.of(Settings(**{name.lower(): value for name, value in SECRETS.items()}))  # type: ignore[arg-type]
    files = HttpAttachments(AllowedHosts(("127.0.0.1",), plain_http=True, private=True), Limits())
    stores = Stores(messages, MongoReports(mongo, REMEMBER), files, MongoErasures(mongo))
    return IngestHandler(stores, keys, rules, now=now or Clock())


def read_at(data: Payload, offset: int, event_id: str | None = None) -> Event[Any]:
    """The event as the loop reads it: its time is that of the reading."""
    cause = event_id or f"ingest/0/{offset}"
    event = new_event(data, cause=cause, source="/desk", now=NOON + timedelta(hours=offset))
    position = Position("ingest", 0, offset)
    return Event(event.id, event.source, event.time, event.traceparent, data, position)


def message(offset: int, ticket: str = "T-1", body: str | None = None, **more: Any) -> Event[Any]:
    given = {
        "ticket_id": ticket,
        "message_id": f"m{offset}",
        "body": f"where is parcel {offset}" if body is None else body,
        "customer": LEI,
        **more,
    }
    return read_at(TicketReceived.model_validate(given), offset)


async def contents(mongo: Mongo) -> dict[str, list[Any]]:
    """Every document of every collection."""
    names = await mongo.database.list_collection_names()
    return {name: await mongo.database[name].find().sort("_id").to_list(None) for name in names}


def written(outcomes: Sequence[Outcome]) -> list[Any]:
    """What would be on the wire."""
    return [
        [(out.topic.name, *encode(out.event)) for out in outcome.publish] for outcome in outcomes
    ]


def ticket(outcome: Outcome) -> Ticket:
    assert outcome.error is None
    (outgoing,) = outcome.publish
    assert outgoing.topic is topics.CLASSIFY
    assert isinstance(outgoing.event.data, TicketAccepted)
    return outgoing.event.data.ticket


def opened(accepted: Ticket) -> dict[str, str]:
    ring = KeyRing.parse(SECRETS["SEALING_KEYS"])
    return ring.open(accepted.sealed or "", accepted.ticket_id)


def duplicates() -> float:
    return REGISTRY.get_sample_value("careloop_duplicates_total") or 0.0
