"""The delivery loop on a real broker and database, with workers killed, stopped and added.

Each test publishes messages on `classify`, lets a probe worker take them through the loop, and
looks at what stands on `personalize`, in the dead letters and in the database afterwards.
"""

import asyncio
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from aiokafka import ConsumerRecord
from motor.motor_asyncio import AsyncIOMotorClient

from tests.integration.probe import DATABASE
from tests.integration.samples import accepted
from tests.integration.stage import Stage, event_id, headers


def messages(records: list[ConsumerRecord]) -> dict[str, list[int]]:
    """The turns of each ticket in the order in which they first came out."""
    turns: dict[str, list[int]] = defaultdict(list)
    for record in records:
        ticket = json.loads(record.value)["ticket"]
        if ticket["turn"] not in turns[ticket["ticket_id"]]:
            turns[ticket["ticket_id"]].append(ticket["turn"])
    return turns


async def stored(stage: Stage) -> int:
    client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(stage.runtime.endpoints.mongo)
    try:
        return await client[DATABASE]["seen"].count_documents({})
    finally:
        client.close()


async def test_kill_9_loses_nothing_and_doubles_no_effect(stage: Stage) -> None:
    # Slow here and there, so that it is killed on the way.
    events = [
        accepted(f"T{n % 400}", n // 400 + 1, "slow" if n % 200 == 0 else "where is my order")
        for n in range(2000)
    ]
    first = stage.start(BATCH_MAX_RECORDS="100")
    await first.says("ready")
    await stage.publish("classify", events)
    await stage.read_until("personalize", 100)
    first.kill()
    assert len({event_id(r) for r in await stage.read("personalize")}) < 2000
    second = stage.start(BATCH_MAX_RECORDS="100")
    await second.says("ready")
    records = await stage.read_until("personalize", 2000)
    assert len({event_id(r) for r in records}) == 2000
    assert await stored(stage) == 2000
    assert all(turns == [1, 2, 3, 4, 5] for turns in messages(records).values())
    assert second.terminate() == 0


async def test_sigterm_finishes_the_batch_and_repeats_nothing(stage: Stage) -> None:
    first = stage.start(BATCH_MAX_RECORDS="10")
    await first.says("ready")
    await stage.publish("classify", [accepted(f"T{n}", 1, "slow") for n in range(60)])
    await stage.read_until("personalize", 10)
    assert first.terminate() == 0
    done = len(await stage.read("personalize"))
    assert done < 60
    stage.start()
    records = await stage.read_until("personalize", 60)
    assert len(records) == 60


async def test_processes_that_come_and_go_keep_order_and_lose_nothing(stage: Stage) -> None:
    first = stage.start(BATCH_MAX_RECORDS="50")
    await first.says("ready")
    rounds = [[accepted(f"T{n}", turn) for n in range(200)] for turn in range(1, 6)]
    await stage.publish("classify", rounds[0])
    second = stage.start(BATCH_MAX_RECORDS="50")
    await stage.publish("classify", rounds[1])
    await second.says("ready")
    await stage.publish("classify", rounds[2])
    assert first.terminate() == 0
    await stage.publish("classify", rounds[3])
    third = stage.start()
    await third.says("ready")
    second.kill()
    await stage.publish("classify", rounds[4])
    records = await stage.read_until("personalize", 1000)
    assert all(turns == [1, 2, 3, 4, 5] for turns in messages(records).values())
    assert await stored(stage) == 1000


async def test_bad_events_become_dead_letters_and_cost_their_neighbours_nothing(
    stage: Stage,
) -> None:
    worker = stage.start()
    await worker.says("ready")
    good = [accepted(f"good-{n}", 1) for n in range(50)]
    await stage.publish("classify", good[:25])
    await stage.publish_raw(
        "classify",
        [
            (b"x", b"not json", [("ce_type", b"careloop.ticket.accepted.v1")]),
            (b"x", b"\xff\xfe", []),
            (b"x", None, [("\xff", b"\xff\xff")]),
            (b"x", b"{}", [("ce_type", b"careloop.ticket.accepted.v1")]),
            (b"x", b"{}", [("ce_type", b"careloop.ticket.accepted.v9")]),
            (b"x", b"{}", [("ce_type", b"somebody.else.v1")]),
            (b"x", b"[" * 100_000, [("ce_type", b"careloop.ticket.accepted.v1")]),
        ],
    )
    await stage.publish("classify", [accepted("b", 1, "bug"), accepted("i", 1, "invalid")])
    await stage.publish("classify", good[25:])
    records = await stage.read_until("personalize", 50)
    assert len(records) == 50
    letters = await stage.read("classify.dlq")
    while len(letters) < 9:
        await asyncio.sleep(0.25)
        letters = await stage.read("classify.dlq")
    codes = sorted(headers(letter)["dlq-code"] for letter in letters)
    assert codes == [
        "bug.ValueError",
        "field.missing",
        "test.invalid",
        "type.unknown",
        "type.unsupported_version",
        "value.empty",
        "value.not_json",
        "value.not_json",
        "value.not_json",
    ]
    bug = next(h for h in map(headers, letters) if h["dlq-code"] == "bug.ValueError")
    assert bug["dlq-attempts"] == "3"
    assert bug["dlq-source-topic"] == "classify"
    assert int(bug["dlq-source-offset"]) >= 0
    missing = next(h for h in map(headers, letters) if h["dlq-code"] == "field.missing")
    assert missing["dlq-field"] == "ticket"


async def test_what_is_away_pauses_its_partition_alone_until_it_is_back(stage: Stage) -> None:
    stage.away.touch()
    worker = stage.start(RETRY_BASE_SECONDS="0.05")
    await worker.says("ready")
    await stage.publish("classify", [accepted("blocked", 1, "away"), accepted("blocked", 2)])
    await worker.says("partition paused")
    await stage.publish("classify", [accepted(f"T{n}", 1) for n in range(60)])
    others = await stage.read_until("personalize", 30)
    assert "blocked" not in messages(others)
    stage.away.unlink()
    records = await stage.read_until("personalize", 62)
    assert messages(records)["blocked"] == [1, 2]
    assert await stage.read("classify.dlq") == []


async def test_a_worker_that_would_drain_its_topic_into_dead_letters_stops(stage: Stage) -> None:
    await stage.publish("classify", [accepted(f"T{n}", 1, "bug") for n in range(100)])
    worker = stage.start(DEAD_LETTERS_PER_MINUTE="20", RETRY_ATTEMPTS="1", BATCH_MAX_RECORDS="5")
    assert await worker.exited() == 1
    assert "more than 20 dead letters from classify within a minute" in worker.log
    letters = await stage.read("classify.dlq")
    assert 20 <= len(letters) < 30


async def test_a_broker_killed_and_restarted_costs_nothing(stage: Stage) -> None:
    # So that it has written down that its topics were emptied, and stay so when it is killed.
    stage.runtime.kafka.restart()
    worker = stage.start(BATCH_MAX_RECORDS="20")
    await worker.says("ready")
    await stage.publish("classify", [accepted(f"T{n}", 1) for n in range(300)])
    await stage.read_until("personalize", 20)
    stage.runtime.kafka.kill()
    stage.runtime.kafka.restart()
    await stage.publish("classify", [accepted(f"T{n}", 2) for n in range(300)])
    records = await stage.read_until("personalize", 600, seconds=120)
    assert all(turns == [1, 2] for turns in messages(records).values())


async def test_a_database_killed_and_restarted_costs_nothing(stage: Stage) -> None:
    worker = stage.start(BATCH_MAX_RECORDS="20", RETRY_BASE_SECONDS="0.05")
    await worker.says("ready")
    stage.runtime.mongo.kill()
    await stage.publish("classify", [accepted(f"T{n}", 1) for n in range(100)])
    await worker.says("partition paused")
    stage.runtime.mongo.restart()
    await stage.read_until("personalize", 100, seconds=120)
    assert await stored(stage) == 100
    assert await stage.read("classify.dlq") == []


async def test_away_at_start_it_says_so_waits_and_goes_on(stage: Stage, tmp_path: Path) -> None:
    stage.runtime.kafka.stop()
    stage.runtime.mongo.stop()
    worker = stage.start()
    await worker.says("no Kafka broker answers")
    stage.runtime.kafka.start()
    await worker.says("no database answers")
    stage.runtime.mongo.start()
    await worker.says("ready")
    await stage.publish("classify", [accepted("T", 1)])
    assert messages(await stage.read_until("personalize", 1)) == {"T": [1]}
