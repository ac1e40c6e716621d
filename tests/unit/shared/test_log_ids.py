"""Whatever is logged while events are worked on names the ticket, the event and the trace."""

import asyncio
import json
import logging
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

import pytest
import structlog

from shared import log, trace
from shared.envelope import Event, Position, new_event
from shared.errors import TemporaryError
from shared.events import InteractionRecorded
from shared.outcome import DONE, Outcome
from tests.integration.samples import NOW
from tests.unit.shared.kit import Record, Stage, bad, record

SECRET = "lilei@example.com"
UPSTREAM = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def said() -> Iterator[StringIO]:
    """What a worker logs in the course of the test."""
    handlers, level = logging.root.handlers, logging.root.level
    log.configure("classify", "DEBUG", "json")
    (handler,) = logging.root.handlers
    assert isinstance(handler, logging.StreamHandler)
    stream = StringIO()
    handler.setStream(stream)
    yield stream
    logging.root.handlers = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(said: StringIO, event: str) -> list[dict[str, Any]]:
    return [one for one in map(json.loads, said.getvalue().splitlines()) if one["event"] == event]


def ids_of(came: Record) -> dict[str, str]:
    headers = {name: value.decode() for name, value in came.headers}
    assert came.key is not None
    return {
        "key": came.key.decode(),
        "event_id": headers["ce_id"],
        "trace_id": trace.trace_id(headers["traceparent"]),
    }


def named(line: dict[str, Any]) -> dict[str, Any]:
    return {name: line.get(name) for name in ("key", "event_id", "trace_id")}


async def test_a_handlers_line_about_a_ticket_names_its_event(said: StringIO) -> None:
    """Of a wave of two, from the handler itself and from a thread."""

    async def handler(events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        log.get("t").info("looked at", ticket_id="B")
        await asyncio.to_thread(log.get("t").info, "read in a thread", ticket_id="A")
        log.get("t").info("of nobody here", ticket_id="C")
        log.get("t").info("of both")
        return [DONE for _ in events]

    first, second = record(0, "A"), record(1, "B")
    await Stage(handler).deliver(first, second)
    assert [named(one) for one in lines(said, "looked at")] == [ids_of(second)]
    assert [named(one) for one in lines(said, "read in a thread")] == [ids_of(first)]
    for event in ("of nobody here", "of both"):
        assert "event_id" not in lines(said, event)[0]


async def test_a_handlers_line_about_its_only_event_names_it(said: StringIO) -> None:
    async def handler(events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        log.get("t").warning("the model is away")
        return [DONE for _ in events]

    came = record(0, "A")
    await Stage(handler).deliver(came)
    log.get("t").warning("the model is away")
    during, after = lines(said, "the model is away")
    assert named(during) == ids_of(came)
    assert "event_id" not in after, "what comes later is not about it"


async def test_a_pause_names_what_it_waits_for(said: StringIO) -> None:
    async def handler(events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        away = {"B": TemporaryError("the database is away")}
        return [Outcome(error=away.get(event.key or "")) for event in events]

    came = record(1, "B")
    await Stage(handler).deliver(record(0, "A"), came)
    assert [named(one) for one in lines(said, "partition paused")] == [ids_of(came)]


async def test_what_cannot_be_read_has_its_trace_at_least(said: StringIO) -> None:
    told, lost = bad(0, SECRET.encode()), bad(1, SECRET.encode())
    told.headers = [*told.headers, ("traceparent", UPSTREAM.encode())]
    await Stage(lambda events: asyncio.sleep(0, [])).deliver(told, lost)
    traces = [one["trace_id"] for one in lines(said, "dead letter")]
    assert traces == [UPSTREAM[3:35], trace.trace_id(trace.started("classify/0/1"))]


@pytest.mark.parametrize("given", [SECRET.encode(), None, b"\xff\xfe", UPSTREAM.upper().encode()])
def test_a_traceparent_that_is_none_is_not_told(given: bytes | None) -> None:
    came = bad(0)
    came.headers = [*came.headers, ("traceparent", given)]  # type: ignore[list-item]
    assert trace.of_unread(came) == trace.started("classify/0/0")


@pytest.mark.parametrize(("topic", "key"), [("ingest", None), ("feedback", "0" * 32)])
def test_what_upstream_calls_a_customers_key_is_not_told(topic: str, key: str | None) -> None:
    """It is ours behind ingest only: before, it may be an e-mail address."""
    data = InteractionRecorded(kind="viewed", customer_key=key or SECRET)
    made = new_event(data, cause="x", source="desk", now=NOW)
    event = Event(made.id, made.source, NOW, made.traceparent, data, Position(topic, 0, 0))
    assert log.about(event)["key"] == key
