"""Bearable input: what is odd but can be read is read, with a stated default."""

import json
from typing import Any

import pytest

from shared.envelope import decode
from shared.events import TicketReceived
from tests.contract.examples import NOW, Written, bare, binary, structured

TICKET = {"ticket_id": "T-1", "body": "where is it"}


def ticket(**changes: Any) -> Written:
    return bare({**TICKET, **changes})


@pytest.mark.parametrize("metadata", [{"n": 5}, {"n": 2.5}, {"n": "x"}])
def test_numbers_in_metadata_are_text(metadata: dict[str, Any]) -> None:
    data = decode(ticket(metadata=metadata), now=NOW, bare=TicketReceived).data
    assert data.metadata == {"n": str(metadata["n"])}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["source", "channel", "customer", "attachments", "metadata"])
def test_null_is_as_good_as_nothing(name: str) -> None:
    assert decode(ticket(**{name: None}), now=NOW, bare=TicketReceived).data == (
        decode(ticket(), now=NOW, bare=TicketReceived).data
    )


@pytest.mark.parametrize(
    ("value", "body"),
    [
        (b'{"ticket_id":"T","body":"ok \\ud83d"}', "ok \ufffd"),
        (b'{"ticket_id":"T","body":"\\ude00 ok"}', "\ufffd ok"),
        (b'{"ticket_id":"T","body":"a\\ud83d\\ud83d\\ude00z"}', "a\ufffd\U0001f600z"),
        (b'{"ticket_id":"T","body":"a\xed\xa0\xbdz"}', "a\ufffdz"),
        (b'{"ticket_id":"T","body":"nul\\u0000 here"}', "nul\x00 here"),
        (b'{"ticket_id":"T","body":"first","body":"second"}', "second"),
        (b'{"ticket_id":"T","body":"x","n":123456789012345678901234567890}', "x"),
    ],
)
def test_bearable_input_is_read_as_stated(value: bytes, body: str) -> None:
    """Half an emoji is U+FFFD, the last of equal keys counts, unknown numbers may be any size."""
    read = decode(Written(value), now=NOW, bare=TicketReceived)
    assert read.data.body == body  # type: ignore[attr-defined]
    assert not any("\ud800" <= character <= "\udfff" for character in body)


@pytest.mark.parametrize(
    "time",
    [
        "",
        "yesterday",
        "2026-11-23T10:00:00",
        "-1",
        "99999-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:00:00-14:00",
    ],
)
def test_an_envelope_without_a_usable_time_has_that_of_its_reading(time: str) -> None:
    for binding in (binary, structured):
        assert decode(binding(TicketReceived.TYPE, TICKET, time=time), now=NOW).time == NOW


@pytest.mark.parametrize("name", ["id", "source", "time", "traceparent"])
def test_an_attribute_that_is_null_is_not_there(name: str) -> None:
    event = decode(structured(TicketReceived.TYPE, TICKET, **{name: None}), now=NOW)
    whole = json.loads(structured(TicketReceived.TYPE, TICKET).value or b"")
    whole.pop(name, None)
    assert event == decode(bare(whole), now=NOW)


HEADER_NAMES = ("ce_id", "ce_source", "ce_time", "ce_subject", "traceparent", "content-type")


@pytest.mark.parametrize("name", HEADER_NAMES)
@pytest.mark.parametrize("value", [b"\xff\xfe\x00", b"", b"\x00", None, b"x" * 100_000])
def test_headers_may_hold_anything(name: str, value: bytes) -> None:
    headers = [("ce_type", TicketReceived.TYPE.encode()), (name, value)]
    event = decode(Written(json.dumps(TICKET).encode(), headers), now=NOW)
    assert event.data.key == "T-1"
    assert event.time.tzinfo is not None
