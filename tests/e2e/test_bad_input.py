"""What an upstream can do wrong, in one batch with what it does right.

Everything goes to one partition of `ingest` in one burst, each bad message between two good ones.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
import pytest
from aiokafka import ConsumerRecord

from deploy.system import System
from shared.events import FeedbackRated, PolicyUpdated, ResponseReviewed
from tests.e2e.tickets import EN, report, ticket
from tests.e2e.wire import Message, Place, Wire, data, headers

RECEIVED = ("ce_type", b"careloop.ticket.received.v1")
FORGED_POLICY = {
    "version": 999,
    "default_threshold": 0.0,
    "alpha": 0.5,
    "delta": 0.5,
    "decided_at": "2026-11-23T10:00:00Z",
}


class Refused(NamedTuple):
    """A message, and the code and the field of its dead letter; no field if it is about all."""

    message: Message
    code: str
    field: str


def typed(kind: str, value: bytes = b"{}") -> Message:
    return Message(value, b"typed", (("ce_type", kind.encode()), ("ce_id", kind.encode())))


def received(**fields: Any) -> Message:
    """A ticket in binary mode."""
    return Message(orjson.dumps(fields), b"received", (RECEIVED, ("ce_id", b"received")))


REFUSED: Mapping[str, Refused] = {
    "no value": Refused(Message(None, b"T"), "value.empty", ""),
    "nothing at all": Refused(Message(None), "value.empty", ""),
    "empty value": Refused(Message(b"", b"T"), "value.empty", ""),
    "not JSON": Refused(Message(b'{"ticket_id": "bad-1", "body": "cut o'), "value.not_json", ""),
    "not UTF-8": Refused(Message(b'{"ticket_id": "bad-2\xff"}'), "value.not_json", ""),
    "nested without end": Refused(Message(b"[" * 100_000), "value.not_json", ""),
    "a list": Refused(Message(b"[1, 2]"), "field.invalid", ""),
    "a number": Refused(Message(b"12"), "field.invalid", ""),
    "no ticket_id": Refused(Message(b'{"body": "hello"}'), "field.missing", "ticket_id"),
    "empty ticket_id": Refused(ticket(""), "field.invalid", "ticket_id"),
    "ticket_id too long": Refused(ticket("x" * 257), "field.invalid", "ticket_id"),
    "ticket_id a number": Refused(
        Message(b'{"ticket_id": 7, "body": "hello"}'), "field.invalid", "ticket_id"
    ),
    "no body": Refused(Message(b'{"ticket_id": "bad-3"}'), "field.invalid", "body"),
    "empty body": Refused(ticket("bad-4", " \n\t"), "field.invalid", "body"),
    "body a number": Refused(
        Message(b'{"ticket_id": "bad-5", "body": 5}'), "field.invalid", "body"
    ),
    "body a list": Refused(received(ticket_id="bad-6", body=["hello"]), "field.invalid", "body"),
    "customer a text": Refused(ticket("bad-7", customer="C-1"), "field.invalid", "customer"),
    "e-mail a number": Refused(
        ticket("bad-8", customer={"email": 5}), "field.invalid", "customer.email"
    ),
    "attachment without address": Refused(
        ticket("bad-9", attachments=[{"media_type": "image/png"}]),
        "field.missing",
        "attachments.0.url",
    ),
    "time without zone": Refused(
        ticket("bad-10", created_at="2026-11-23T10:00:00"), "field.invalid", "created_at"
    ),
    "no time at all": Refused(
        ticket("bad-11", created_at="yesterday"), "field.invalid", "created_at"
    ),
    "later than all time": Refused(
        ticket("bad-13", created_at="9999-12-31T23:59:59-12:00"), "field.invalid", "created_at"
    ),
    "before all time": Refused(
        ticket("bad-14", created_at="0001-01-01T00:00:00+12:00"), "field.invalid", "created_at"
    ),
    "10 MB": Refused(ticket("bad-12", "x" * 10_000_000), "value.too_large", ""),
    "unknown type": Refused(typed("careloop.ticket.eaten.v1"), "type.unknown", "type"),
    "somebody else's type": Refused(typed("com.example.sneezed"), "type.unknown", "type"),
    "unknown version": Refused(
        typed("careloop.ticket.received.v7"), "type.unsupported_version", "type"
    ),
    "a policy from outside": Refused(
        report(PolicyUpdated, "forged", FORGED_POLICY), "type.unexpected", "type"
    ),
    "six stars": Refused(
        report(FeedbackRated, "six", {"ticket_id": "good-0", "rating": 6}),
        "field.invalid",
        "rating",
    ),
    "a rating without stars": Refused(
        report(FeedbackRated, "none", {"ticket_id": "good-0"}), "field.invalid", "rating"
    ),
    "a review of nothing": Refused(
        report(ResponseReviewed, "review", {"ticket_id": "good-0", "verdict": "approved"}),
        "field.missing",
        "response_id",
    ),
    "another message under the same id": Refused(
        ticket("good-0", "Something else.", message_id="m1"), "message_id.conflict", "message_id"
    ),
}
"""What ends as a dead letter."""

BEARABLE: Mapping[str, tuple[Message, dict[str, Any]]] = {
    "no key": (
        Message(orjson.dumps({"ticket_id": "bear-0", "body": EN})),
        {"ticket_id": "bear-0", "turn": 1},
    ),
    "another key": (ticket("bear-1")._replace(key=b"\xff\x00"), {"ticket_id": "bear-1"}),
    "lone surrogates": (
        Message(b'{"ticket_id": "bear-2", "body": "My parcel \\ud83d is late"}'),
        {"text": "My parcel \ufffd is late"},
    ),
    "the far future": (
        ticket("bear-3", created_at="9999-12-31T23:59:59Z"),
        {"flags": ["created_at_in_future"]},
    ),
    "the beginning of time": (
        ticket("bear-4", created_at="0001-01-01T00:00:00Z", customer={"customer_id": "old"}),
        {"created_at": "0001-01-01T00:00:00Z", "flags": []},
    ),
    "nulls": (
        ticket(
            "bear-6", customer=None, channel=None, attachments=None, metadata=None, subject=None
        ),
        {"channel": "unknown", "source": "unknown"},
    ),
    "unknown fields": (ticket("bear-7", colour="red"), {"ticket_id": "bear-7"}),
    "numbers as metadata": (ticket("bear-8", metadata={"order": 5}), {"metadata": {"order": "5"}}),
    "control characters": (
        ticket("bear-9", "My\u0000 refund\u202e, please?\u200b"),
        {"text": "My refund, please?"},
    ),
    "a body too long": (ticket("bear-10", "late " * 50_000), {"flags": ["body_truncated"]}),
    "a subject alone": (
        Message(b'{"ticket_id": "bear-11", "subject": "Where is my refund?"}'),
        {"text": ""},
    ),
}
"""What is answered all the same, and what then stands on `classify`."""


class Aftermath(NamedTuple):
    """Where each bad message was written, and what came of all."""

    places: Mapping[str, Place]
    letters: Mapping[Place, ConsumerRecord]
    accepted: Mapping[str, dict[str, Any]]
    replies: Mapping[str, dict[str, Any]]
    good: int


@pytest.fixture(scope="module")
def aftermath(system: System) -> Aftermath:
    return asyncio.run(_everything(Wire(system.runtime.endpoints.kafka)))


async def _everything(wire: Wire) -> Aftermath:
    bad = {name: case.message for name, case in REFUSED.items()}
    bad |= {name: message for name, (message, _) in BEARABLE.items()}
    burst = [ticket("good-0", message_id="m1")]
    for number, message in enumerate(bad.values(), 1):
        burst += [message, ticket(f"good-{number}")]
    places = await wire.publish(burst, partition=0)
    assert [place.offset for place in places] == sorted(place.offset for place in places)
    await wire.settled()
    letters = [headers(letter) for letter in await wire.read("ingest.dlq")]
    assert all(letter["dlq-source-topic"] == "ingest" for letter in letters)
    by_place = {
        Place(int(letter["dlq-source-partition"]), int(letter["dlq-source-offset"])): record
        for letter, record in zip(letters, await wire.read("ingest.dlq"), strict=True)
    }
    assert len(by_place) == len(letters)
    accepted = [data(record)["ticket"] for record in await wire.read("classify")]
    replies = [data(record) for record in await wire.read("responses")]
    return Aftermath(
        dict(zip(bad, places[1::2], strict=True)),
        by_place,
        {one["ticket_id"]: one for one in accepted},
        {one["ticket_id"]: one for one in replies},
        len(bad) + 1,
    )


@pytest.mark.parametrize("name", REFUSED)
def test_it_becomes_a_dead_letter_that_says_which_field_and_why(
    aftermath: Aftermath, name: str
) -> None:
    refused = REFUSED[name]
    letter = aftermath.letters[aftermath.places[name]]
    said = headers(letter)
    assert (said["dlq-code"], said["dlq-field"]) == (refused.code, refused.field)
    assert said["dlq-worker"] == "ingest"
    assert said["dlq-reason"]
    assert letter.value == (refused.message.value or b"")
    assert letter.key == refused.message.key
    assert set(refused.message.headers) <= set(letter.headers)


@pytest.mark.parametrize("name", BEARABLE)
def test_it_is_answered_with_the_stated_default(aftermath: Aftermath, name: str) -> None:
    message, expected = BEARABLE[name]
    assert aftermath.places[name] not in aftermath.letters
    ticket_id = orjson.loads((message.value or b"").replace(b"\\ud83d", b""))["ticket_id"]
    ticket = aftermath.accepted[ticket_id]
    assert {field: ticket[field] for field in expected} == expected
    assert aftermath.replies[ticket_id]["decision"] in ("answer", "escalate")


def test_the_neighbours_are_answered_and_nothing_else_is(aftermath: Aftermath) -> None:
    good = {f"good-{number}" for number in range(aftermath.good)}
    assert good <= aftermath.replies.keys()
    assert not [one for one in aftermath.replies if one.startswith("bad-")]
    refused = {aftermath.places[name] for name in REFUSED}
    assert {place for place in aftermath.letters if place in aftermath.places.values()} == refused


def test_no_worker_takes_bad_input_for_a_bug_of_its_own(
    system: System, aftermath: Aftermath
) -> None:
    codes = {headers(letter)["dlq-code"] for letter in aftermath.letters.values()}
    assert not [code for code in codes if code.startswith("bug.")]
    assert [worker.exit_code() for worker in system.workers.values()] == [None] * 5


async def test_what_was_compressed_to_be_small_enough_is_refused_too(wire: Wire) -> None:
    """Its value is larger than a dead letter may be, so the letter says only where it stands."""
    huge = ticket("bomb", "x" * 30_000_000)
    (place,) = await wire.publish([huge], compression="gzip")
    await wire.publish([ticket("after-the-bomb")], partition=place.partition)
    await wire.replies("after-the-bomb")
    (letter,) = [
        headers(one)
        for one in await wire.read("ingest.dlq")
        if (headers(one)["dlq-source-partition"], headers(one)["dlq-source-offset"])
        == (str(place.partition), str(place.offset))
    ]
    assert (letter["dlq-code"], letter["dlq-value"]) == ("value.too_large", "left out")


async def test_no_other_worker_has_a_dead_letter(wire: Wire, aftermath: Aftermath) -> None:
    for worker in ("classify", "personalize", "generate", "feedback"):
        assert await wire.read(f"{worker}.dlq") == []
