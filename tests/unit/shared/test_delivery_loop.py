"""The delivery loop over a broker in memory: what is settled, committed, buried and paused."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.errors import CommitFailedError, KafkaError

from shared.envelope import Event
from shared.errors import FatalError, InvalidEvent, TemporaryError
from shared.outcome import DONE, Outcome
from shared.topics import TOPICS
from tests.unit.shared.kit import Handler, Record, Stage, bad, record


async def test_a_batch_is_handled_published_and_committed() -> None:
    handler = Handler()
    stage = Stage(handler)
    await stage.deliver(record(5, "A"), record(6, "B"), record(3, "C", partition=1))
    assert handler.waves == [["A6", "B7", "C4"]]
    assert len(stage.publisher.ids("personalize")) == 3
    assert stage.consumer.commits == {0: 7, 1: 4}
    assert stage.consumer.paused == set()


async def test_events_of_one_key_run_in_waves_in_order() -> None:
    handler = Handler()
    stage = Stage(handler)
    await stage.deliver(record(0, "A"), record(1, "B"), record(2, "A"), record(3, "A"))
    assert handler.waves == [["A1", "B2"], ["A3"], ["A4"]]


async def test_what_is_away_blocks_its_partition_and_no_other() -> None:
    handler = Handler()
    stage = Stage(handler)
    await stage.deliver(
        record(0, "A"),
        record(1, "B", "away"),
        record(2, "C"),
        record(3, "B"),
        record(0, "X", partition=1),
        record(1, "X", partition=1),
    )
    assert stage.consumer.commits == {0: 1, 1: 2}, "only what stands before the blocked one"
    assert stage.consumer.positions == {0: 1}, "read again from there"
    assert stage.consumer.paused == {0}
    assert handler.seen("B2") == 3, "tried in place first"
    assert handler.seen("B4") == 0, "later waves of a blocked partition are not run"
    assert handler.seen("X2") == 1
    assert stage.publisher.letters() == []


async def test_a_paused_partition_is_resumed_and_goes_on() -> None:
    handler = Handler()
    stage = Stage(handler)
    records = [record(0, "A", "away"), record(1, "A")]
    await stage.deliver(*records)
    assert stage.consumer.paused == {0}
    handler.back = True
    await asyncio.wait_for(stage.consumer.resumed.wait(), 5)
    await stage.deliver(*records)
    assert stage.consumer.commits == {0: 2}
    assert len(stage.publisher.ids("personalize")) == 2


async def test_a_partition_taken_away_meanwhile_is_left_alone() -> None:
    stage = Stage(Handler())
    stage.consumer.revoked = {0}
    await stage.deliver(record(0, "A", "away"))
    assert stage.consumer.paused == set()
    assert stage.consumer.commits == {}


async def test_poison_is_a_dead_letter_and_costs_its_neighbours_nothing() -> None:
    handler = Handler()
    stage = Stage(handler)
    await stage.deliver(record(0, "A"), record(1, "P", "bug"), record(2, "B"))
    assert len(stage.publisher.ids("personalize")) == 2
    (letter,) = stage.publisher.letters()
    assert letter["dlq-code"] == "bug.ValueError"
    assert letter["dlq-attempts"] == "3"
    assert letter["dlq-source-topic"] == "classify"
    assert (letter["dlq-source-partition"], letter["dlq-source-offset"]) == ("0", "1")
    assert stage.consumer.commits == {0: 3}
    assert handler.seen("A1") == 2, "once with the poison, and once without"


async def test_an_invalid_event_is_a_dead_letter_at_once_as_it_came() -> None:
    refusals = 0

    async def refuse(events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        nonlocal refusals
        refusals += len(events)
        error = InvalidEvent("test.invalid", "cannot be", "ticket.text")
        return [Outcome(error=error) for _ in events]

    stage = Stage(refuse)
    came = record(0, "A")
    await stage.deliver(came)
    (letter,) = stage.publisher.letters()
    assert (letter["dlq-code"], letter["dlq-field"]) == ("test.invalid", "ticket.text")
    assert letter["dlq-attempts"] == "1"
    assert {name: letter[name] for name, _ in came.headers} == {
        name: value.decode() for name, value in came.headers
    }
    assert stage.publisher.written[0][1] == came.value
    assert refusals == 1
    assert stage.consumer.commits == {0: 1}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"not json", "value.not_json"),
        (b"{}", "field.missing"),
        (None, "value.empty"),
        (b"x" * 2000, "value.too_large"),
    ],
)
async def test_what_cannot_be_read_is_a_dead_letter(value: bytes, code: str) -> None:
    stage = Stage(Handler(), max_bytes=1500)
    await stage.deliver(record(0, "A"), bad(1, value), record(2, "B"))
    assert [letter["dlq-code"] for letter in stage.publisher.letters()] == [code]
    assert len(stage.publisher.ids("personalize")) == 2
    assert stage.consumer.commits == {0: 3}


async def test_what_is_for_others_is_passed_over() -> None:
    handler = Handler()
    stage = Stage(handler, topic=TOPICS["feedback"])
    other = Record(b"broken", [("ce_type", b"careloop.feedback.rated.v1")], 0, topic="feedback")
    nobodys = Record(b"broken", [], 1, topic="feedback")
    await stage.deliver(other, nobodys)
    assert handler.waves == []
    assert stage.publisher.written == [], "the topic's owner writes its dead letters"
    assert stage.consumer.commits == {0: 2}


async def test_a_write_that_fails_blocks_its_partition() -> None:
    stage = Stage(Handler())
    stage.publisher.lost = lambda topic, key: key == b"B"
    await stage.deliver(record(0, "A"), record(1, "B"), record(2, "C"), record(0, "X", partition=1))
    assert stage.consumer.commits == {0: 1, 1: 1}
    assert stage.consumer.positions == {0: 1}
    assert stage.publisher.letters() == []


@pytest.mark.parametrize("message", [record(0, "A"), bad(0), record(0, "A", "bug")])
async def test_nothing_is_committed_while_nothing_can_be_written(message: Record) -> None:
    stage = Stage(Handler())
    stage.publisher.away = True
    await stage.deliver(message)
    assert stage.consumer.commits == {}
    assert stage.consumer.positions == {0: 0}
    stage.publisher.away = False
    await stage.deliver(message)
    assert stage.consumer.commits == {0: 1}
    assert len(stage.publisher.written) == 1


async def test_too_many_dead_letters_stop_the_worker_and_commit_nothing() -> None:
    stage = Stage(Handler(), limit=3)
    with pytest.raises(FatalError, match="more than 3 dead letters from classify"):
        await stage.deliver(*(record(n, f"T{n}", "bug") for n in range(5)))
    assert stage.consumer.commits == {}
    assert len(stage.publisher.letters()) == 3


async def test_bad_messages_from_outside_do_not_stop_the_worker() -> None:
    stage = Stage(Handler(), limit=3, worker="ingest", topic=TOPICS["ingest"])
    await stage.deliver(*(Record(b"no", [], n, topic="ingest") for n in range(10)))
    assert stage.consumer.commits == {0: 10}


@pytest.mark.parametrize("error", [CommitFailedError(), KafkaError("no")])
async def test_a_commit_that_is_refused_is_no_error_of_ours(error: KafkaError) -> None:
    stage = Stage(Handler())
    stage.consumer.commit_error = error
    await stage.deliver(record(0, "A"))
    assert len(stage.publisher.ids("personalize")) == 1


async def test_a_handler_that_forgets_an_event_stops_the_worker() -> None:
    async def forgetful(events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        return [DONE] * (len(events) - 1)

    stage = Stage(forgetful)
    with pytest.raises(FatalError, match="2 events gave 1 outcomes"):
        await stage.deliver(record(0, "A"), record(1, "B"))
    assert stage.consumer.commits == {}


async def test_a_handler_that_raises_for_what_is_away_blocks_all_it_was_given() -> None:
    async def away(events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        raise TemporaryError("no database answers")

    stage = Stage(away)
    await stage.deliver(record(0, "A"), record(4, "B", partition=2))
    assert stage.consumer.commits == {}
    assert stage.consumer.positions == {0: 0, 2: 4}
    assert stage.publisher.written == []


async def test_once_stopping_there_are_no_further_attempts() -> None:
    handler = Handler()
    stage = Stage(handler)
    stage.delivery.stop()
    await stage.deliver(record(0, "A"), record(1, "B", "away"), record(2, "P", "bug"))
    assert handler.seen("B2") + handler.seen("P3") <= 4, "one attempt, and one each alone"
    assert stage.publisher.letters() == []
    assert stage.consumer.commits == {0: 1}


async def test_redelivery_publishes_the_same_again() -> None:
    stage = Stage(Handler())
    records = [record(0, "A"), record(1, "A")]
    await stage.deliver(*records)
    first = list(stage.publisher.written)
    await stage.deliver(*records)
    assert stage.publisher.written == first + first
    assert json.loads(first[0][1] or b"")["ticket"]["ticket_id"] == "A"
