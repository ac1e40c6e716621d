"""What a line of a file becomes on its way to Kafka."""

import json

import pytest

from deploy.publish import Report, complaints, message_of, summary

TICKET = {"ticket_id": "T-1", "body": "订单还没到"}


def event(data: object) -> bytes:
    envelope = {"specversion": "1.0", "type": "careloop.feedback.rated.v1", "data": data}
    return json.dumps(envelope).encode()


def test_a_bare_ticket_goes_as_it_is_under_its_ticket_id() -> None:
    line = json.dumps(TICKET, ensure_ascii=False).encode()
    message = message_of(line)
    assert (message.key, message.value, message.headers) == (b"T-1", line, ())
    assert not message.malformed


def test_an_event_is_keyed_by_the_ticket_in_its_data() -> None:
    message = message_of(event({"ticket_id": "工单-1"}))
    assert message.key == "工单-1".encode()
    assert message.headers == (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
    assert not message.malformed


def test_an_event_about_no_ticket_has_no_key() -> None:
    message = message_of(event({"customer_id": "C-1"}))
    assert message.key is None
    assert not message.malformed


@pytest.mark.parametrize(
    "line",
    [b"{broken", b"[1, 2]", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"body": "no id"}'],
)
def test_a_malformed_line_goes_as_it_is_and_is_counted(line: bytes) -> None:
    message = message_of(line)
    assert (message.key, message.value, message.malformed) == (None, line, True)


@pytest.mark.parametrize("ticket_id", [None, 7, "", ["a"]])
def test_a_ticket_id_that_is_none_makes_no_key(ticket_id: object) -> None:
    assert message_of(json.dumps({"ticket_id": ticket_id}).encode()).key is None


def test_half_an_emoji_in_the_ticket_id_still_makes_a_key() -> None:
    assert message_of(b'{"ticket_id": "T-\\ud83d"}').key == b"T-?"


def test_the_closing_line_tells_what_came_of_it() -> None:
    report = Report(60, 2, {3: "too large"}, 2.0, 61, None)
    assert summary(report, "ingest") == (
        "sent 60 messages to ingest in 2.0 s (30/s); 2 look malformed and went as they are; "
        "1 were not taken"
    )


def test_lines_that_were_not_taken_are_named_without_flooding_the_terminal() -> None:
    refused = {7: "too large", **dict.fromkeys(range(10, 5000), "Kafka is away")}
    assert complaints("a.jsonl", refused) == [
        "a.jsonl:7: not taken: too large",
        "a.jsonl:10-4999: not taken: Kafka is away",
    ]
    scattered = complaints("a.jsonl", dict.fromkeys(range(0, 100, 2), "too large"))
    assert len(scattered) == 21
    assert scattered[-1] == "a.jsonl: and 30 lines more were not taken"
