"""Logs: JSON for machines, lines for people on a terminal. Never any content of a message."""

import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog

from shared import trace
from shared.envelope import Event
from shared.events import Payload, TicketPayload
from shared.topics import TOPICS

BROKER = "careloop.broker"
"""The logger FastStream writes to; its own brings a format of its own."""
_WORKED_ON: ContextVar[Sequence[Event[Payload]]] = ContextVar("worked_on", default=())


def configure(worker: str, level: str, form: str) -> None:
    """Set up logging of this process. `form` is `json`, `text`, or `auto` by the terminal."""
    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    stamped: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        _where_it_failed,
        _about_what,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=stamped,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.root.handlers = [handler]
    logging.root.setLevel(level.upper())
    for chatty in ("uvicorn", "pymongo", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # FastStream warns of what is meant so: topics are made from their cards, not by workers.
    logging.getLogger(BROKER).setLevel(logging.ERROR)
    # aiokafka reports every failed attempt to reconnect; the worker says it once, in words.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*stamped, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(worker=worker)


def _where_it_failed(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """An error as the places it came through and its class: its own words may quote a message."""
    given = line.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    parts: list[str] = []
    while isinstance(error, BaseException):
        parts = [*traceback.format_tb(error.__traceback__), f"{type(error).__name__}\n", *parts]
        hidden = None if error.__suppress_context__ else error.__context__
        error = error.__cause__ or hidden
    if parts:
        line["exception"] = "".join(parts).rstrip()
    return line


def _about_what(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A line said while events are worked on has the ids of the one it names by its ticket, or of
    the only one: events of a wave have keys of their own."""
    events = _WORKED_ON.get()
    if events and "event_id" not in line:
        ticket = line.get("ticket_id")
        named = [event for event in events if ticket is None or event.key == ticket]
        if len(named) == 1:
            line.update(about(named[0]))
    return line


@contextmanager
def working_on(events: Sequence[Event[Payload]]) -> Iterator[None]:
    """What is logged meanwhile is about these events, wherever it is logged."""
    token = _WORKED_ON.set(events)
    try:
        yield
    finally:
        _WORKED_ON.reset(token)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger


def about(event: Event[Payload]) -> dict[str, str | None]:
    """What a log line says of an event: its ids, never its content."""
    return {"key": key(event), "event_id": event.id, "trace_id": trace.trace_id(event.traceparent)}


def key(event: Event[Payload]) -> str | None:
    """The event's key as it may be told: from outside, only ticket ids are no personal data."""
    at = event.position
    ours = at is None or not TOPICS[at.topic].untrusted
    return event.key if ours or isinstance(event.data, TicketPayload) else None
