"""Bad input gets a reason code that says which field and why, and never quotes what came."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.envelope import decode
from shared.errors import InvalidEvent
from shared.events import EVENTS, FeedbackRated, InteractionRecorded, TicketAccepted, TicketReceived
from tests.contract.examples import NOW, Written, bare, binary, structured

SECRET = "lilei@example.com"
TICKET = {"ticket_id": "T-1", "body": "where is it"}
ENVELOPE_FIELDS = {"type", "id", "source", "time", "traceparent", "data", "specversion"}


def refused(written: Written) -> InvalidEvent:
    with pytest.raises(InvalidEvent) as error:
        decode(written, now=NOW, bare=TicketReceived)
    return error.value


def raw(value: bytes | None) -> Written:
    return Written(value)


def ticket(**changes: Any) -> Written:
    return bare({**TICKET, **changes})


NO_TICKET: dict[str, tuple[Written, str, str | None]] = {
    "no value": (raw(None), "value.empty", None),
    "empty value": (raw(b""), "value.empty", None),
    "not JSON": (raw(b"hello, where is my order"), "value.not_json", None),
    "half JSON": (raw(b'{"ticket_id": "T-1", "body": "wh'), "value.not_json", None),
    "XML": (raw(b"<ticket><id>1</id></ticket>"), "value.not_json", None),
    "no UTF-8": (raw(b'{"ticket_id": "T-1", "body": "\xff\xfe"}'), "value.not_json", None),
    "NaN": (raw(b'{"ticket_id": "T-1", "body": "x", "n": NaN}'), "value.not_json", None),
    "Infinity": (raw(b'{"ticket_id": "T-1", "body": "x", "n": -Infinity}'), "value.not_json", None),
    "number over doubles": (raw(b'{"ticket_id": "T", "n": 1e999}'), "value.not_json", None),
    "very long number": (raw(b'{"n": ' + b"9" * 10_000 + b"e}"), "value.not_json", None),
    "nested deeply": (raw(b"[" * 100_000 + b"]" * 100_000), "value.not_json", None),
    "objects nested deeply": (
        raw(b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
        "value.not_json",
        None,
    ),
    "a list": (raw(b"[1, 2]"), "field.invalid", None),
    "a string": (raw(b'"T-1"'), "field.invalid", None),
    "null": (raw(b"null"), "field.invalid", None),
    "no ticket_id": (bare({"body": "x"}), "field.missing", "ticket_id"),
    "ticket_id null": (ticket(ticket_id=None), "field.invalid", "ticket_id"),
    "ticket_id empty": (ticket(ticket_id=""), "field.invalid", "ticket_id"),
    "ticket_id a number": (ticket(ticket_id=1001), "field.invalid", "ticket_id"),
    "ticket_id too long": (ticket(ticket_id="T" * 257), "field.invalid", "ticket_id"),
    "no body": (bare({"ticket_id": "T-1"}), "field.invalid", "body"),
    "empty body": (ticket(body=""), "field.invalid", "body"),
    "blank body": (ticket(body=" \n\u3000\t"), "field.invalid", "body"),
    "body null": (ticket(body=None), "field.invalid", "body"),
    "body a list": (ticket(body=["x"]), "field.invalid", "body"),
    "body a number": (ticket(body=5), "field.invalid", "body"),
    "customer a string": (ticket(customer="Li Lei"), "field.invalid", "customer"),
    "customer_id a list": (
        ticket(customer={"customer_id": ["C-1"]}),
        "field.invalid",
        "customer.customer_id",
    ),
    "language too long": (ticket(language="e" * 36), "field.invalid", "language"),
    "attachment without url": (
        ticket(attachments=[{"media_type": "image/png"}]),
        "field.missing",
        "attachments.0.url",
    ),
    "metadata of a list": (ticket(metadata={SECRET: []}), "field.invalid", "metadata"),
    "created_at no time": (ticket(created_at="yesterday"), "field.invalid", "created_at"),
    "created_at no zone": (ticket(created_at="2026-11-23T10:00:00"), "field.invalid", "created_at"),
    "created_at of no day": (
        ticket(created_at="2026-02-30T00:00:00Z"),
        "field.invalid",
        "created_at",
    ),
    "created_at huge": (ticket(created_at=10**30), "field.invalid", "created_at"),
    "created_at hugely negative": (ticket(created_at=-(10**30)), "field.invalid", "created_at"),
    "created_at before year 1": (
        ticket(created_at="0001-01-01T00:00:00+14:00"),
        "field.invalid",
        "created_at",
    ),
    "created_at after year 9999": (
        ticket(created_at="9999-12-31T23:00:00-14:00"),
        "field.invalid",
        "created_at",
    ),
    "created_at true": (ticket(created_at=True), "field.invalid", "created_at"),
    "unknown type": (binary("somebody.else.v1", TICKET), "type.unknown", "type"),
    "empty type": (binary("", TICKET), "type.unknown", "type"),
    "type of no UTF-8": (
        Written(b"{}", [("ce_type", b"careloop.\xff\xfe.v1")]),
        "type.unknown",
        "type",
    ),
    "type null": (structured(None, TICKET), "type.unknown", "type"),  # type: ignore[arg-type]
    "unknown version": (
        binary("careloop.ticket.received.v2", TICKET),
        "type.unsupported_version",
        "type",
    ),
    "structured without data": (structured(TicketReceived.TYPE, None), "field.invalid", None),
    "structured with text": (structured(TicketReceived.TYPE, "hello"), "field.invalid", None),
    "no judgement": (binary(FeedbackRated.TYPE, {"ticket_id": "T"}), "field.invalid", "rating"),
    "six stars": (
        binary(FeedbackRated.TYPE, {"ticket_id": "T", "rating": 6}),
        "field.invalid",
        "rating",
    ),
    "half a star": (
        binary(FeedbackRated.TYPE, {"ticket_id": "T", "rating": 2.5}),
        "field.invalid",
        "rating",
    ),
    "nobody did it": (
        binary(InteractionRecorded.TYPE, {"kind": "viewed"}),
        "field.invalid",
        "customer_id",
    ),
    "unknown kind": (
        binary(InteractionRecorded.TYPE, {"kind": SECRET, "customer_id": "C"}),
        "field.invalid",
        "kind",
    ),
}


@pytest.mark.parametrize("name", NO_TICKET)
def test_bad_input_says_which_field_and_why(name: str) -> None:
    written, code, field = NO_TICKET[name]
    error = refused(written)
    assert (error.code, error.field) == (code, field)
    assert error.why.strip()
    assert len(error.why) < 400


@pytest.mark.parametrize("name", ["id", "source", "time", "type", "traceparent"])
@pytest.mark.parametrize("value", [5, True, ["x"], {"x": "y"}], ids=type)
def test_attributes_that_are_no_text_are_refused_by_name(name: str, value: Any) -> None:
    error = refused(structured(TicketReceived.TYPE, TICKET, **{name: value}))
    assert (error.code, error.field) == ("envelope.invalid", name)
    deep = json.dumps({"specversion": "1.0", "type": TicketReceived.TYPE, name: "DEEP"})
    error = refused(raw(deep.replace('"DEEP"', "[" * 1000 + "]" * 1000).encode()))
    assert (error.code, error.field) == ("envelope.invalid", name)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
NAMES = sorted({name for model in EVENTS.values() for name in model.model_fields})


@settings(deadline=None)
@given(st.binary(max_size=300) | ANYTHING.map(lambda data: json.dumps(data).encode()))
def test_any_bytes_are_an_event_or_an_invalid_one(value: bytes) -> None:
    for headers in ([], [("ce_type", TicketAccepted.TYPE.encode())]):
        try:
            decode(Written(value, headers), now=NOW, bare=TicketReceived)
        except InvalidEvent as error:
            assert error.code.count(".") == 1


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(EVENTS)),
    st.dictionaries(st.sampled_from(NAMES), ANYTHING),
    st.dictionaries(st.sampled_from(sorted(ENVELOPE_FIELDS)), ANYTHING),
)
def test_any_data_under_any_envelope_is_an_event_or_an_invalid_one(
    event_type: str, data: dict[str, Any], attributes: dict[str, Any]
) -> None:
    whole = {"specversion": "1.0", "type": event_type, "data": data, **attributes}
    for written in (binary(event_type, data), Written(json.dumps(whole).encode())):
        try:
            event = decode(written, now=NOW, bare=TicketReceived)
        except InvalidEvent as error:
            assert error.field is None or error.field.partition(".")[0] in {*NAMES, "type", *whole}
        else:
            assert event.time.tzinfo is not None
            assert event.id
