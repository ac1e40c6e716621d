"""Reading dead letters, choosing among them, showing them, and remembering what was replayed."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from deploy.dlq import memory
from deploy.dlq.display import headers_table, table_of, value_text
from deploy.dlq.drop import Order, line_of
from deploy.dlq.letters import DeadLetter, Filter, letter_of
from deploy.dlq.memory import LONGEST, MemoryFull, Replayed
from shared import deadletters
from shared.errors import InvalidEvent

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ORIGINAL = [("ce_id", b"e-1"), ("x-customer", b"li.lei@example.com")]
SECRET = b'{"body": "my card is 4111 1111 1111 1111"}'


def letter(topic: str = "classify", code: str = "field.missing", **changes: object) -> DeadLetter:
    """A letter as the worker of `topic` writes it."""
    source = SimpleNamespace(
        topic=topic, partition=3, offset=41, key=b"T-1", value=SECRET, headers=ORIGINAL
    )
    error = InvalidEvent(code, "not there", "body")
    headers = deadletters.headers_of(source, error, worker=topic, attempts=2, now=NOW)
    record = {"topic": f"{topic}.dlq", "partition": 0, "offset": 7, "timestamp": 0}
    content = {"key": b"T-1", "value": SECRET, "headers": headers}
    return letter_of(SimpleNamespace(**record | content | changes))


def shown(*what: Table | str) -> str:
    console = Console(width=240)
    with console.capture() as capture:
        for item in what:
            console.print(item)
    return capture.get()


def test_a_letter_says_where_it_came_from_and_why() -> None:
    found = letter()
    assert (found.position, found.source) == ("classify.dlq:0:7", "classify:3:41")
    assert (found.code, found.field, found.reason) == ("field.missing", "body", "not there")
    assert (found.at, found.attempts) == (NOW, "2")
    assert found.original_headers == ORIGINAL
    assert found.unreplayable is None


def test_a_letter_written_by_anybody_is_read_but_not_replayed() -> None:
    odd = [("dlq-at", b"yesterday"), ("dlq-source-partition", b"-1"), ("dlq-code", b"\xff")]
    found = letter(headers=odd, timestamp=1000)
    assert found.at == datetime.fromtimestamp(1, UTC)
    assert found.source == ""
    assert found.unreplayable == "its headers name no topic it came from"


@pytest.mark.parametrize("topic", ["responses", "ingest.dlq", "elsewhere"])
def test_nothing_is_replayed_to_a_topic_that_no_worker_reads(topic: str) -> None:
    assert letter(headers=[("dlq-source-topic", topic.encode())]).unreplayable is not None


def test_a_letter_without_key_and_value_cannot_be_replayed() -> None:
    assert letter(key=None, value=None).unreplayable == "it has neither key nor value"


def test_a_letter_whose_value_was_left_out_is_not_replayed_without_it() -> None:
    whole = letter()
    cut = letter(value=b"", headers=[*whole.headers, ("dlq-value", b"left out")])
    assert cut.unreplayable is not None and "classify:3:41" in cut.unreplayable


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        (Filter(), True),
        (Filter(codes=["field.missing"]), True),
        (Filter(codes=["bug.*", "field.*"]), True),
        (Filter(codes=["field"]), False),
        (Filter(since=NOW), True),
        (Filter(since=NOW + timedelta(seconds=1)), False),
        (Filter(codes=["bug.*"], since=NOW), False),
        (Filter(until=NOW), False),
        (Filter(until=NOW + timedelta(seconds=1)), True),
        (Filter(since=NOW, until=NOW + timedelta(seconds=1)), True),
        (Filter(keys=["T-0", "T-1"]), True),
        (Filter(keys=["T-"]), False),
    ],
)
def test_filters(wanted: Filter, matches: bool) -> None:
    assert wanted.matches(letter()) is matches


def test_what_came_from_outside_is_shown_only_on_demand() -> None:
    outside = letter("ingest")
    masked = shown(headers_table(outside, False), value_text(outside, False))
    assert "4111" not in masked and "li.lei" not in masked
    assert "field.missing" in masked and "e-1" in masked
    revealed = shown(headers_table(outside, True), value_text(outside, True))
    assert "4111" in revealed and "li.lei" in revealed


def test_what_was_cleaned_at_the_door_is_shown() -> None:
    assert "4111" in value_text(letter("classify"), False)


def test_the_record_of_a_drop_says_who_why_and_what_but_not_what_people_wrote() -> None:
    order = Order("mended by release 7", "sre", NOW + timedelta(hours=1), Path("unused"))
    assert line_of(letter("ingest"), order) == {
        "dropped_at": "2026-11-23T11:00:00+00:00",
        "by": "sre",
        "why": "mended by release 7",
        "letter": "ingest.dlq:0:7",
        "source": "ingest:3:41",
        "died_at": "2026-11-23T10:00:00+00:00",
        "code": "field.missing",
        "field": "body",
        "event_id": "e-1",
    }


def test_the_table_shows_no_value_and_says_what_was_replayed() -> None:
    table = shown(table_of("ingest.dlq", [(letter("ingest"), "replayed")], more=3))
    assert "ingest:3:41" in table and "replayed" in table and "T-1" in table
    assert "4111" not in table
    assert "the newest 1 of 4" in table


def test_a_message_cannot_steer_the_terminal() -> None:
    hostile = letter(key=b"T\x1b[2J", value=b"\x1b]0;gone\x07", code="[red]\x1b[31m")
    output = shown(table_of("classify.dlq", [(hostile, "")]), value_text(hostile, False))
    assert "\x1b" not in output and "\x07" not in output
    assert "[red]" in output


@given(st.sets(st.integers(0, 300)), st.sets(st.integers(0, 300)), st.integers(0, 200))
def test_memory_knows_exactly_what_was_replayed(
    one: set[int], other: set[int], beginning: int
) -> None:
    known = Replayed(beginning).also(one).also(other)
    kept = memory.read(known.first, known.metadata())
    assert kept == known
    for offset in range(302):
        assert (offset in kept) == (offset < beginning or offset in one | other)
    assert kept.first not in kept


@given(st.sets(st.integers(0, 300)), st.integers(0, 320))
def test_memory_forgets_what_the_topic_holds_no_more(replayed: set[int], beginning: int) -> None:
    known = Replayed().also(replayed).since(beginning)
    assert known.first >= beginning
    for offset in range(beginning, 322):
        assert (offset in known) == (offset in replayed)


def test_memory_of_ten_thousand_letters_with_every_second_replayed_is_small() -> None:
    assert len(Replayed().also(range(1, 10_000, 2)).metadata()) < 200


def test_memory_refuses_what_kafka_would_not_keep() -> None:
    chosen = random.Random(1).sample(range(1, 60_000), 30_000)
    with pytest.raises(MemoryFull, match="offset 0"):
        Replayed().also(chosen).metadata()
    assert len(Replayed().also(n for n in chosen if n < 20_000).metadata()) <= LONGEST


@pytest.mark.parametrize("metadata", ["not ours", "AAAA", "é"])
def test_memory_that_somebody_else_wrote_counts_as_empty(metadata: str) -> None:
    assert memory.read(5, metadata) == Replayed(5)
