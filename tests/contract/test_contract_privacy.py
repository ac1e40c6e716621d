"""Reasons go to headers and logs: whatever is wrong, they never quote what came."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from shared import deadletters
from shared.envelope import decode
from shared.errors import InvalidEvent
from shared.events import EVENTS, TicketReceived
from tests.contract.examples import EXAMPLES, NOW, Example, Written, binary, structured

SECRET = "lilei@example.com"
PLANTED: list[Any] = [SECRET, [SECRET], {SECRET: SECRET}, {SECRET: [SECRET]}, {"x": {SECRET: 1}}]
TICKET = {"ticket_id": "T-1", "body": "where is it"}


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_a_secret_anywhere_in_the_data_is_not_quoted(example: Example) -> None:
    """Each value in turn becomes a secret, in types that fit there and in types that do not."""
    refused = 0
    for place in places(example.data):
        for planted in PLANTED:
            data = put(example.data, place, planted)
            for written in (binary(example.event_type, data), structured(example.event_type, data)):
                refused += check(written)
    assert refused > 0


@pytest.mark.parametrize("planted", PLANTED, ids=str)
@pytest.mark.parametrize("name", ["type", "id", "source", "time", "traceparent", "data"])
def test_a_secret_in_the_envelope_is_not_quoted(name: str, planted: Any) -> None:
    whole = {"specversion": "1.0", "type": TicketReceived.TYPE, "data": TICKET, name: planted}
    check(Written(json.dumps(whole).encode()))


@pytest.mark.parametrize(
    "value",
    [
        SECRET.encode(),
        f'{{"body": "{SECRET}", }}'.encode(),
        f'{{"body": "{SECRET}" "{SECRET}"}}'.encode(),
        f'{{"{SECRET}": NaN}}'.encode(),
        f'{{"body": "{SECRET}\\ud83d", "n": 1e999}}'.encode(),
        SECRET.encode() + b"\xff",
        json.dumps(SECRET).encode(),
        json.dumps([SECRET]).encode(),
    ],
)
def test_a_secret_in_what_is_no_json_or_no_ticket_is_not_quoted(value: bytes) -> None:
    assert check(Written(value)) == 1


def test_an_error_of_ours_is_named_and_not_quoted() -> None:
    told = deadletters.reason_of(ValueError(f"cannot send to {SECRET}"))
    assert told.code == "bug.ValueError"
    assert SECRET not in f"{told.code} {told.field} {told.why} {told}"


@pytest.mark.parametrize("event_type", EVENTS)
def test_ids_of_the_outside_do_not_reach_logs(event_type: str) -> None:
    """Whatever source it claims to be."""
    example = next(one for one in EXAMPLES if one.event_type == event_type)
    for source in ("/desk", "/careloop/ingest", "careloop"):
        event = decode(binary(event_type, example.data, id=SECRET, source=source), now=NOW)
        assert SECRET not in event.id
        assert SECRET not in event.traceparent


def check(written: Written) -> int:
    """1 if the message is refused, without a word of it; 0 if it is taken."""
    try:
        decode(written, now=NOW, bare=TicketReceived)
    except InvalidEvent as error:
        told = f"{error.code} {error.field} {error.why} {error}"
        assert SECRET not in told
        assert "example.com" not in told
        return 1
    return 0


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in the data, the data itself included."""
    yield place
    inner = value.items() if isinstance(value, dict) else ()
    for step, below in inner if not isinstance(value, list) else enumerate(value):
        yield from places(below, (*place, step))


def put(data: Any, place: tuple[Any, ...], planted: Any) -> Any:
    """The data with something else at that place."""
    if not place:
        return planted
    changed = copy.deepcopy(data)
    node = changed
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = planted
    return changed
