"""Log lines say which event and what happened to it, never what stands in it."""

import io
import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import structlog

from shared import log
from shared.envelope import Event
from shared.errors import InvalidEvent
from shared.outcome import Outcome
from tests.unit.shared.kit import Handler, Stage, bad, record

SECRET = "lilei@example.com"


@pytest.fixture(params=["json", "text"])
def lines(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What a worker logs in the course of the test."""
    handlers, level = logging.root.handlers, logging.root.level
    log.configure("classify", "DEBUG", request.param)
    (handler,) = logging.root.handlers
    assert isinstance(handler, logging.StreamHandler)
    said = io.StringIO()
    handler.setStream(said)
    yield said
    logging.root.handlers = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


async def test_a_bug_that_quotes_the_message_is_logged_without_it(
    lines: io.StringIO,
) -> None:
    stage = Stage(Handler())
    await stage.deliver(record(0, "T-1", f"bug {SECRET}"))
    said = lines.getvalue()
    assert SECRET not in said
    assert "ValueError" in said
    assert "the handler failed" in said
    assert "kit.py" in said, "where it failed can be found"
    assert "dead letter" in said


async def test_what_cannot_be_read_is_logged_without_it(
    lines: io.StringIO,
) -> None:
    stage = Stage(Handler())
    values = (SECRET, f'{{"ticket": "{SECRET}"}}', f'{{"ticket": {{"ticket_id": ["{SECRET}"]}}}}')
    await stage.deliver(*(bad(number, value.encode()) for number, value in enumerate(values)))
    said = lines.getvalue()
    assert SECRET not in said
    assert said.count("dead letter") == 3


async def test_refusals_and_pauses_are_logged_without_the_message(
    lines: io.StringIO,
) -> None:
    async def refuse(events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        return [Outcome(error=InvalidEvent("test.invalid", "cannot be")) for _ in events]

    await Stage(refuse).deliver(record(0, "T-1", SECRET))
    await Stage(Handler()).deliver(record(0, "T-1", f"away {SECRET}"))
    said = lines.getvalue()
    assert SECRET not in said
    for word in ("test.invalid", "partition paused", "the database is away"):
        assert word in said


async def test_a_line_names_its_ticket_event_trace_and_place(
    lines: io.StringIO,
) -> None:
    came = record(4, "T-1", "bug", partition=2)
    await Stage(Handler()).deliver(came)
    said = [line for line in lines.getvalue().splitlines() if "dead letter" in line]
    headers = {name: value.decode() for name, value in came.headers}
    (line,) = said
    for word in ("T-1", headers["ce_id"], headers["traceparent"][3:35], "classify"):
        assert word in line
    if line.startswith("{"):
        told = json.loads(line)
        assert (told["level"], told["worker"]) == ("warning", "classify")
        assert (told["partition"], told["offset"]) == (2, 4)
        assert told["timestamp"].endswith("Z")
