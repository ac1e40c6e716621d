"""The published examples, and records that carry them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.schemas import FOLDER
from shared.envelope import Event, encode, new_event
from shared.events import EVENTS, Payload
from shared.topics import INGEST

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
SOURCE = "/careloop/test"
VERSION = ".v1"


@dataclass(frozen=True)
class Example:
    """One example file: `variant` is empty for the plain one, `language` is `en` or `zh`."""

    path: Path

    @property
    def event_type(self) -> str:
        return self.path.name.partition(f"{VERSION}.")[0] + VERSION

    @property
    def name(self) -> str:
        """Variant and language, such as `passed_on.zh`."""
        return self.path.stem.removeprefix(f"{self.event_type}.")

    @property
    def language(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def passed_on(self) -> bool:
        """Whether this is a report as ingest passes it on."""
        return self.name.startswith("passed_on.")

    @property
    def model(self) -> type[Payload]:
        return EVENTS[self.event_type]

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
        return data

    @property
    def payload(self) -> Payload:
        return self.model.model_validate(self.data)

    @property
    def event(self) -> Event[Payload]:
        return new_event(self.payload, cause=self.path.stem, source=SOURCE, now=NOW)

    def __str__(self) -> str:
        return self.path.stem.removeprefix("careloop.")


EXAMPLES = [Example(path) for path in sorted((FOLDER / "examples").glob("*.json"))]


@dataclass(frozen=True)
class Written:
    """A record as it stands on a topic."""

    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    topic: str = INGEST.name
    partition: int = 0
    offset: int = 0
    key: bytes | None = None


ENVELOPE = {"id": "e-1", "source": "/desk", "time": "2026-11-23T10:00:00Z"}
"""Attributes of a message from outside, besides its type."""


def binary(event_type: str, data: Any, **attributes: str) -> Written:
    """The data as value, the attributes in headers."""
    given = {"specversion": "1.0", "type": event_type, **ENVELOPE, **attributes}
    headers = [
        (name if name == "traceparent" else f"ce_{name}", value.encode())
        for name, value in given.items()
    ]
    return Written(json.dumps(data).encode(), (*headers, ("content-type", b"application/json")))


def structured(event_type: str, data: Any, **attributes: Any) -> Written:
    """Attributes and data in one JSON object."""
    whole = {"specversion": "1.0", "type": event_type, **ENVELOPE, **attributes, "data": data}
    return Written(json.dumps(whole).encode(), [("content-type", b"application/cloudevents+json")])


def bare(data: Any, *headers: tuple[str, bytes]) -> Written:
    """The data alone."""
    return Written(json.dumps(data).encode(), headers)


def as_written(event: Event[Payload], **place: Any) -> Written:
    """The event as careloop writes it."""
    key, value, headers = encode(event)
    return Written(value, headers, key=key, **place)
