"""What the process says of its backlog: how much, how old, whether anything still goes on."""

import asyncio
from typing import Any

from aiokafka import TopicPartition
from prometheus_client import REGISTRY

from shared.backlog import Backlog, Reading
from shared.errors import TemporaryError
from shared.progress import Progress
from shared.watching import Watched
from tests.unit.shared.kit import NOW, Handler, Record, Stage, record

WRITTEN = NOW.timestamp()
TOPIC = "backlog-test"


class Clock:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


class Consumer:
    """Two partitions, with `ends`; reading begins at 0."""

    def __init__(self, ends: dict[int, int]) -> None:
        self.ends = ends

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition(TOPIC, number) for number in self.ends}

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {place: self.ends[place.partition] for place in partitions}

    async def position(self, place: TopicPartition) -> int:
        return 0


class Watcher:
    """A backlog looked at when the test says so."""

    def __init__(self, ends: dict[int, int]) -> None:
        self.clock = Clock(WRITTEN + 100)
        self.progress = Progress(self.clock)
        self.consumer = Consumer(ends)
        self.backlog = Backlog(5.0, 300.0, self.clock)
        there: Any = self.consumer
        self.backlog.add(Reading(TOPIC, self.progress, lambda: there))

    async def look(self) -> None:
        running = asyncio.create_task(self.backlog.run())
        await asyncio.sleep(0.01)
        running.cancel()


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"careloop_{name}", {"topic": TOPIC, **labels})


def read(offset: int, partition: int = 0) -> Record:
    return record(offset, partition=partition)


async def test_lag_and_age_are_those_of_what_is_not_settled() -> None:
    watcher = Watcher({0: 10, 1: 4})
    watcher.progress.assigned()
    watcher.progress.began({0: read(3)})
    watcher.progress.settled(1, 4)
    await watcher.look()
    assert (shown("lag", partition="0"), shown("lag", partition="1")) == (7, 0)
    assert shown("oldest_unsettled_seconds") == 100, "since it was written"
    assert shown("assigned_partitions") == 2
    watcher.progress.settled(0, 10)
    await watcher.look()
    assert (shown("lag", partition="0"), shown("oldest_unsettled_seconds")) == (0, 0)


async def test_messages_that_are_not_read_age_from_when_they_were_seen() -> None:
    watcher = Watcher({0: 10})
    watcher.progress.assigned()
    await watcher.look()
    watcher.clock.seconds += 40
    await watcher.look()
    assert shown("oldest_unsettled_seconds") == 40


async def test_who_does_nothing_while_messages_wait_is_not_alive() -> None:
    watcher = Watcher({0: 10})
    watcher.progress.assigned()
    await watcher.look()
    watcher.clock.seconds += 299
    assert watcher.backlog.stuck() is None
    watcher.clock.seconds += 2
    await watcher.look()
    assert watcher.backlog.stuck() == f"{TOPIC}: 10 messages wait, nothing done for 301 s"
    assert shown("stalled_seconds") == 301


async def test_who_fails_at_a_message_again_and_again_is_alive() -> None:
    watcher = Watcher({0: 10})
    watcher.progress.assigned()
    await watcher.look()
    watcher.clock.seconds += 290
    watcher.progress.moved()
    watcher.clock.seconds += 20
    assert watcher.backlog.stuck() is None, "a restart would not bring the database back"


async def test_an_idle_worker_is_alive_however_long() -> None:
    watcher = Watcher({0: 0})
    watcher.progress.assigned()
    await watcher.look()
    watcher.clock.seconds += 100_000
    assert watcher.backlog.stuck() is None


async def test_ready_only_once_in_the_group_and_while_kafka_answers() -> None:
    watcher = Watcher({0: 0})
    await watcher.look()
    assert watcher.backlog.kafka_away() == "partitions not assigned yet"
    watcher.progress.assigned()
    await watcher.look()
    assert watcher.backlog.kafka_away() is None
    watcher.clock.seconds += 16
    assert watcher.backlog.kafka_away() == "no answer for 16 s"


async def test_partitions_that_went_to_another_process_are_no_longer_shown() -> None:
    watcher = Watcher({0: 10, 1: 4})
    watcher.progress.assigned()
    await watcher.look()
    watcher.consumer.ends = {1: 4}
    await watcher.look()
    assert shown("lag", partition="0") is None
    assert (shown("lag", partition="1"), shown("assigned_partitions")) == (4, 1)


async def test_the_loop_says_how_far_it_is() -> None:
    stage = Stage(Handler())
    await stage.deliver(record(5, "A"), record(6, "B", "away"), record(3, "C", partition=1))
    progress = stage.delivery.progress
    assert (progress.next_offset(0), progress.written_at(0)) == (6, WRITTEN)
    assert (progress.next_offset(1), progress.written_at(1)) == (4, None)


async def test_a_batch_tried_to_its_end_is_progress_whatever_came_of_it() -> None:
    clock = Clock(0)
    stage = Stage(Handler())
    stage.delivery.progress = Progress(clock)
    clock.seconds = 50
    assert stage.delivery.progress.idle_seconds == 50
    await stage.deliver(record(0, "A", "away"))
    assert stage.delivery.progress.idle_seconds == 0


async def test_messages_that_expired_before_they_were_read_are_counted() -> None:
    def lost() -> float:
        return REGISTRY.get_sample_value("careloop_lost_total", {"topic": "classify"}) or 0

    before = lost()
    stage = Stage(Handler())
    stage.consumer.commits, stage.consumer.kept_from = {0: 2, 1: 7}, {0: 5, 1: 0}
    # The second begins later for what a transaction left in the log: nothing was lost there.
    await stage.deliver(record(5, "A"), record(9, "B", partition=1))
    assert lost() - before == 3
    await stage.deliver(record(6, "A"))
    assert lost() - before == 3, "counted once"
    stage.consumer.kept_from = {0: 20}
    await stage.deliver(record(22, "A"))
    assert lost() - before == 3 + 13


async def test_what_a_worker_relies_on_is_away_after_three_looks() -> None:
    clock = Clock(0)
    answering = True

    async def reach() -> None:
        if not answering:
            raise TemporaryError("no database answers: ServerSelectionTimeoutError")

    watched = Watched(reach, 5.0, clock)
    clock.seconds = 100
    await watched.look()
    assert watched.away() is None
    answering = False
    clock.seconds = 110
    await watched.look()
    assert watched.away() is None
    clock.seconds = 120
    await watched.look()
    why = "no answer for 20 s: no database answers: ServerSelectionTimeoutError"
    assert watched.away() == why
    answering = True
    await watched.look()
    assert watched.away() is None
