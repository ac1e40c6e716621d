"""Events on the wire: three ways in, one way out, and what travels with them."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared import trace
from shared.envelope import Event, decode, encode, new_event, peek_type
from shared.errors import InvalidEvent
from shared.events import InteractionRecorded, Reported, TicketReceived
from tests.contract.examples import (
    EXAMPLES,
    NOW,
    SOURCE,
    Example,
    Written,
    as_written,
    bare,
    binary,
    structured,
)

LATER = NOW + timedelta(days=1)
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TICKET = {"ticket_id": "T-1", "body": "我的订单还没到"}


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_what_is_written_reads_the_same(example: Example) -> None:
    event = example.event
    read = decode(as_written(event), now=LATER)
    assert (read.id, read.source, read.time, read.traceparent, read.data) == (
        event.id,
        event.source,
        event.time,
        event.traceparent,
        event.data,
    )
    assert encode(read) == encode(event)


@pytest.mark.parametrize("binding", [binary, structured])
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_reads_the_same_in_every_binding(
    example: Example, binding: Callable[..., Written]
) -> None:
    read = decode(binding(example.event_type, example.data, traceparent=PARENT), now=LATER)
    assert read.data == example.payload
    assert read.type == example.event_type
    assert read.source == "/desk"
    assert read.time.isoformat() == "2026-11-23T10:00:00+00:00"
    assert read.traceparent == PARENT


def test_both_bindings_are_the_same_event() -> None:
    first = decode(binary(TicketReceived.TYPE, TICKET), now=NOW)
    assert first == decode(structured(TicketReceived.TYPE, TICKET), now=NOW)


@pytest.mark.parametrize(
    "example", [one for one in EXAMPLES if one.model is TicketReceived], ids=str
)
def test_a_bare_ticket_is_taken_where_the_door_allows_it(example: Example) -> None:
    written = bare(example.data, ("traceparent", PARENT.encode()))
    read = decode(written, now=NOW, bare=TicketReceived)
    assert read.data == example.payload
    assert (read.source, read.time, read.traceparent) == ("/ingest", NOW, PARENT)
    with pytest.raises(InvalidEvent) as refused:
        decode(written, now=NOW)
    assert refused.value.code == "envelope.missing"


def test_what_is_written_is_binary_mode_as_the_standard_says() -> None:
    event = next(one for one in EXAMPLES if one.model is TicketReceived).event
    key, value, headers = encode(event)
    told = dict(headers)
    assert told["ce_specversion"] == b"1.0"
    assert told["content-type"] == b"application/json"
    assert set(told) == {
        "ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type", "traceparent"
    }  # fmt: skip
    assert len(headers) == len(told)
    assert peek_type(headers) == event.type
    assert key == b"T-2001"
    assert json.loads(value)["ticket_id"] == "T-2001"


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_the_key_keeps_a_ticket_together_and_names_nobody(example: Example) -> None:
    key, _, _ = encode(example.event)
    data = example.data
    if example.model is InteractionRecorded:
        expected = data.get("customer_key")
    elif "ticket" in data or "ticket_id" in data:
        expected = data.get("ticket", data)["ticket_id"]
    else:
        expected = {
            "careloop.policy.updated.v1": "policy",
            "careloop.model.promoted.v1": "classifier",
            "careloop.knowledge.updated.v1": "knowledge",
            "careloop.erasure.requested.v1": None,
            "careloop.customer.erased.v1": data.get("customer_key"),
            "careloop.insight.reported.v1": "repeated_contact",
        }[example.event_type]
    assert key == (expected.encode() if expected else None)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_headers_and_key_hold_nothing_of_the_people_in_it(example: Example) -> None:
    key, _, headers = encode(example.event)
    carried = b"\n".join([key or b"", *(value for _, value in headers)])
    for secret in personal(example):
        assert secret.encode() not in carried


def test_ids_follow_from_the_cause_and_are_the_same_twice() -> None:
    ticket = next(one for one in EXAMPLES if one.event_type == "careloop.ticket.accepted.v1")
    next_one = next(one for one in EXAMPLES if one.event_type == "careloop.ticket.classified.v1")
    event = ticket.event
    first = event.derive(next_one.payload, source=SOURCE, now=NOW)
    again = event.derive(next_one.payload, source="/careloop/other", now=LATER)
    assert first.id == again.id
    assert first.traceparent == again.traceparent
    other = new_event(next_one.payload, cause="another", source=SOURCE, now=NOW)
    assert len({first.id, other.id, event.id}) == 3
    assert str(UUID(first.id)) == first.id


def test_ids_of_the_outside_are_its_own_within_its_source_only() -> None:
    def read(**attributes: str) -> Event[Any]:
        return decode(binary(TicketReceived.TYPE, TICKET, **attributes), now=NOW)

    assert read().id == read(time="2020-01-01T00:00:00Z").id
    assert read().id != read(source="/other-desk").id
    assert read().id != read(id="e-2").id
    for event in (read(), read(id="lei@example.com")):
        assert str(UUID(event.id)) == event.id, "an outside id may be anything, ours is a uuid"


def test_without_an_id_the_place_on_the_topic_is_the_identity() -> None:
    def read(offset: int, identity: str = "") -> str:
        written = Written(
            json.dumps(TICKET).encode(),
            [("ce_type", TicketReceived.TYPE.encode()), ("ce_id", identity.encode())],
            offset=offset,
        )
        return decode(written, now=NOW).id

    assert read(1) == read(1)
    assert read(1) != read(2)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "nonsense",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        PARENT.upper(),
        PARENT + "-more",
        PARENT.replace("-", "_"),
    ],
)
def test_a_trace_is_begun_where_none_or_no_valid_one_came(given: str | None) -> None:
    more = {} if given is None else {"traceparent": given}
    first = decode(binary(TicketReceived.TYPE, TICKET, **more), now=NOW)
    again = decode(binary(TicketReceived.TYPE, TICKET, **more), now=LATER)
    assert trace.given(first.traceparent) == first.traceparent
    assert first.traceparent == again.traceparent
    assert trace.trace_id(first.traceparent) != trace.trace_id(PARENT)


@pytest.mark.parametrize("header", ["traceparent", "ce_traceparent", "Traceparent"])
def test_a_trace_is_taken_from_the_header_of_either_standard(header: str) -> None:
    """W3C Trace Context names it plainly, the CloudEvents extension with a prefix."""
    headers = [("ce_type", TicketReceived.TYPE.encode()), (header, PARENT.encode())]
    read = decode(Written(json.dumps(TICKET).encode(), headers), now=NOW)
    assert read.traceparent == PARENT


def test_a_trace_goes_on_with_a_span_for_every_event() -> None:
    received = decode(binary(TicketReceived.TYPE, TICKET, traceparent=PARENT), now=NOW)
    payload = next(one for one in EXAMPLES if "ticket.accepted" in one.event_type).payload
    accepted = received.derive(payload, source=SOURCE, now=NOW)
    classified = accepted.derive(payload, source=SOURCE, now=NOW)
    traces = [event.traceparent for event in (received, accepted, classified)]
    assert {trace.trace_id(one) for one in traces} == {"4bf92f3577b34da6a3ce929d0e0e4736"}
    assert len(set(traces)) == 3
    assert all(trace.given(one) for one in traces)


def personal(example: Example) -> list[str]:
    """What of an example is personal data."""
    data = example.data
    if issubclass(example.model, Reported):
        return [data[name] for name in ("customer_id", "agent_id", "comment") if name in data]
    return [value for value in data.get("customer", {}).values() if isinstance(value, str)]
