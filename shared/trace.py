"""W3C Trace Context: one trace per ticket, across all workers, derived so that replays agree."""

import re
from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from shared import ids

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def given(traceparent: str | None) -> str | None:
    """The traceparent an event came with, if it is a valid one."""
    return traceparent if traceparent and _TRACEPARENT.fullmatch(traceparent) else None


def started(event_id: str) -> str:
    """A new trace that begins with this event."""
    trace = UUID(ids.derived("trace", event_id))
    return f"00-{trace.hex}-{trace.hex[:16]}-01"


def continued(parent: str, event_id: str) -> str:
    """The trace of `parent`, with a span of its own for this event, whose id is a uuid."""
    return f"{parent[:36]}{event_id.replace('-', '')[:16]}{parent[52:]}"


def trace_id(traceparent: str) -> str:
    """The 32 hexadecimal digits that all events of one trace share."""
    return traceparent[3:35]


def span_id(traceparent: str) -> str:
    """The 16 hexadecimal digits of the span that made the event."""
    return traceparent[36:52]


class Record(Protocol):
    """Where a message stands, and its headers."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def headers(self) -> Iterable[tuple[str, bytes]]: ...


def place(record: Record) -> str:
    """What names a message that has no id, or none that can be read."""
    return f"{record.topic}/{record.partition}/{record.offset}"


def of_unread(record: Record) -> str:
    """The traceparent of a message that cannot be read: its headers', or one by its place."""
    for name, value in record.headers:
        if name.lower() in ("traceparent", "ce_traceparent"):
            found = given((value or b"").decode("ascii", "replace"))
            if found is not None:
                return found
    return started(place(record))
