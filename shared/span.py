"""A span: what is told of one piece of work, before anything of OpenTelemetry is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Span:
    """Work on one event. Ids are hexadecimal, times nanoseconds since 1970.

    `parent` is None where the trace begins. `handled` is when the handler was done, if it was
    asked. `code` is the reason code of the error it ended in. `links` are the traceparents of what
    it published within other traces.
    """

    name: str
    trace_id: str
    span_id: str
    parent: str | None
    start: int
    handled: int | None
    end: int
    attributes: Mapping[str, Value]
    code: str | None = None
    links: tuple[str, ...] = ()


class Recorder(Protocol):
    """Takes spans away. Never blocks and never fails."""

    def record(self, span: Span) -> None: ...

    def close(self, seconds: float) -> None:
        """Deliver what is still here; takes at most about that long."""
