"""CloudEvents 1.0 over Kafka: binary and structured mode, and bare JSON where a door allows it.

Reference: CloudEvents Kafka protocol binding 1.0.2.
"""

import itertools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import orjson
from pydantic import ValidationError

from shared import ids, trace
from shared.errors import InvalidEvent
from shared.events import EVENTS, FIELDS, Payload

P_co = TypeVar("P_co", bound=Payload, covariant=True)
Headers = Iterable[tuple[str, bytes]]
ATTRIBUTES = {
    "ce_id": "id",
    "ce_type": "type",
    "ce_source": "source",
    "ce_time": "time",
    "ce_traceparent": "traceparent",
    "traceparent": "traceparent",
}
"""The attributes that are read, by their headers in binary mode."""
LONGEST_REASON = 300
OURS = "/careloop/"
"""How the source of an event begins that careloop made."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Record(trace.Record, Protocol):
    """The part of a Kafka record the contract is about."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


class Position(NamedTuple):
    """Where an event stood: the same position is the same delivery, whatever it holds."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Event(Generic[P_co]):
    """An event with its envelope. `time` is when it was made, `position` where it was read.

    `written` is the data in JSON as it was written before: so it is written again, to the byte,
    whatever has become of the contract's models since. Whoever changes the data leaves it out.
    """

    id: str
    source: str
    time: datetime
    traceparent: str
    data: P_co
    position: Position | None = None
    written: bytes | None = field(default=None, compare=False, repr=False)

    @property
    def type(self) -> str:
        return self.data.TYPE

    @property
    def key(self) -> str | None:
        return self.data.key

    def derive(self, data: Payload, *, source: str, now: datetime) -> "Event[Payload]":
        """The event that follows from this one: the same input gives the same id and trace."""
        return new_event(data, cause=self.id, source=source, now=now, traceparent=self.traceparent)


def new_event(
    data: Payload, *, cause: str, source: str, now: datetime, traceparent: str | None = None
) -> Event[Payload]:
    """An event caused by whatever `cause` names; its id follows from the cause and its type."""
    event_id = ids.derived(cause, data.TYPE)
    parent = trace.given(traceparent)
    span = trace.continued(parent, event_id) if parent else trace.started(event_id)
    return Event(event_id, source, now, span, data)


def data_of(event: Event[Payload]) -> bytes:
    """The data in JSON, as it was written before if it was."""
    if event.written is not None:
        return event.written
    return event.data.model_dump_json(exclude_none=True).encode()


def encode(event: Event[Payload]) -> tuple[bytes | None, bytes, list[tuple[str, bytes]]]:
    """Key, value and headers of the event in binary mode."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", event.id.encode()),
        ("ce_type", event.type.encode()),
        ("ce_source", event.source.encode()),
        ("ce_time", event.time.isoformat().encode()),
        ("content-type", b"application/json"),
        ("traceparent", event.traceparent.encode()),
    ]
    key = None if event.key is None else event.key.encode()
    return key, data_of(event), headers


def decode(record: Record, *, now: datetime, bare: type[Payload] | None = None) -> Event[Payload]:
    """Read an event. `bare` is what a message without any envelope is taken for, if anything.

    Raises InvalidEvent with a reason code that never quotes the message.
    """
    attributes = _in_headers(record.headers)
    if "type" in attributes:
        payload = _from_json(_model_of(attributes["type"]), record.value)
    else:
        attributes, data = _unwrap(_json(record.value), attributes, bare)
        payload = _from_data(_model_of(attributes["type"]), data)
    source = attributes.get("source") or f"/{record.topic}"
    # An id of the outside is unique within its source only; ours are uuids already.
    event_id = attributes.get("id") or f"{record.topic}/{record.partition}/{record.offset}"
    if not (source.startswith(OURS) and _UUID.fullmatch(event_id)):
        event_id = ids.derived(source, event_id)
    position = Position(record.topic, record.partition, record.offset)
    traceparent = trace.given(attributes.get("traceparent")) or trace.started(event_id)
    return Event(event_id, source, _time(attributes, now), traceparent, payload, position)


def peek_type(headers: Headers) -> str | None:
    """The type of a binary-mode event, without decoding it."""
    for name, value in headers:
        if name == "ce_type":
            return _text(value)
    return None


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")


def _in_headers(headers: Headers) -> dict[str, str]:
    found = {}
    for name, value in headers:
        attribute = ATTRIBUTES.get(name) or ATTRIBUTES.get(name.lower())
        if attribute:
            found[attribute] = _text(value)
    return found


def _from_json(model: type[Payload], value: bytes | None) -> Payload:
    """Straight from the bytes; what that parser cannot read is looked at with more patience."""
    try:
        return model.model_validate_json(value or b"")
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False)[0]["type"] != "json_invalid":
            raise _invalid(error) from None
    return _from_data(model, _json(value))


def _from_data(model: type[Payload], data: Any) -> Payload:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _invalid(error) from None


def _unwrap(
    data: Any, attributes: dict[str, str], bare: type[Payload] | None
) -> tuple[dict[str, str], Any]:
    """The envelope's attributes and the data, of a message without an envelope in its headers."""
    started = {"traceparent": attributes["traceparent"]} if "traceparent" in attributes else {}
    if isinstance(data, dict) and "specversion" in data and "type" in data:
        return {**started, **_structured_attributes(data)}, data.get("data")
    if bare is None:
        raise InvalidEvent("envelope.missing", "no CloudEvents envelope (ce_type header)")
    return {"type": bare.TYPE, **started}, data


def _structured_attributes(event: dict[str, Any]) -> dict[str, str]:
    given = {name: event[name] for name in ATTRIBUTES.values() if event.get(name) is not None}
    for name, value in given.items():
        if not isinstance(value, str):
            raise InvalidEvent("envelope.invalid", "this attribute must be text", name)
    if "type" not in given:
        raise InvalidEvent("type.unknown", "the CloudEvent names no type", "type")
    return given


def _json(value: bytes | None) -> Any:
    if not value:
        raise InvalidEvent("value.empty", "the message has no value")
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        return _json_with_lone_surrogates(value, str(error))


def _json_with_lone_surrogates(value: bytes, problem: str) -> Any:
    """Half an emoji, as cut by an upstream, becomes U+FFFD; anything else is no JSON."""
    try:
        data = json.loads(value)
        repaired = json.dumps(data, ensure_ascii=False, allow_nan=False)
        return orjson.loads(repaired.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except (ValueError, RecursionError):
        raise InvalidEvent("value.not_json", f"not JSON: {problem[:LONGEST_REASON]}") from None


def _model_of(event_type: str) -> type[Payload]:
    if event_type in EVENTS:
        return EVENTS[event_type]
    stem = event_type.rpartition(".")[0]
    if f"{stem}.v1" in EVENTS:
        raise InvalidEvent("type.unsupported_version", "only version v1 is understood", "type")
    raise InvalidEvent("type.unknown", "no such event type", "type")


def _time(attributes: dict[str, str], now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(attributes["time"])
        return moment.astimezone(UTC) if moment.tzinfo else now
    except (KeyError, ValueError, OverflowError):
        return now


def _invalid(error: ValidationError) -> InvalidEvent:
    """The first complaint, naming the field but never its content."""
    first = error.errors(include_url=False, include_input=False)[0]
    # Past the fields of the contract stand keys of mappings: the outside's own words.
    path = itertools.takewhile(_in_contract, first["loc"])
    field = ".".join(str(part) for part in path) or first.get("ctx", {}).get("field")
    code = "field.missing" if first["type"] == "missing" else "field.invalid"
    why = first["msg"].removeprefix("Value error, ")
    return InvalidEvent(code, why[:LONGEST_REASON], field)


def _in_contract(part: int | str) -> bool:
    return isinstance(part, int) or part in FIELDS
