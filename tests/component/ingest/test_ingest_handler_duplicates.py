"""The same message, or the same content, again."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.ingest.domain.reading import Rules
from services.ingest.domain.repeats import Hold
from services.ingest.handlers import IngestHandler
from services.ingest.mongo import MongoMessages
from shared.errors import InvalidEvent, TemporaryError
from shared.mongo import Mongo
from tests.component.ingest.kit import (
    NOON,
    REMEMBER,
    WINDOW,
    contents,
    duplicates,
    message,
    process,
    read_at,
    ticket,
    written,
)


async def test_the_same_message_in_another_envelope_is_a_duplicate_counted_once(
    handler: IngestHandler, mongo: Mongo
) -> None:
    await handler.take([message(1)])
    before, stored = duplicates(), await contents(mongo)
    again = read_at(message(1).data, 7)
    for _ in range(2):
        (outcome,) = await handler.take([again])
        assert (outcome.publish, outcome.error) == ((), None)
    assert duplicates() == before + 1
    now_stored = await contents(mongo)
    (duplicate,) = now_stored.pop("duplicates")
    assert duplicate["_id"] == "ingest/0/7"
    assert duplicate["original"] == stored["messages"][0]["_id"]
    stored.pop("duplicates", None)
    assert now_stored == stored


async def test_a_resent_message_with_more_about_its_customer_is_still_a_duplicate(
    handler: IngestHandler,
) -> None:
    await handler.take([message(1, customer={"customer_id": "C-77"})])
    data = message(1, metadata={"retry": "2"}).data
    (outcome,) = await handler.take([read_at(data, 2)])
    assert (outcome.publish, outcome.error) == ((), None)


async def test_another_message_under_the_same_id_is_refused(
    handler: IngestHandler, mongo: Mongo
) -> None:
    neighbour = message(3, "T-3")
    await handler.take([message(1)])
    stored = await contents(mongo)
    for _ in range(2):
        bad, good = await handler.take(
            [read_at(message(1, body="secret words").data, 2), neighbour]
        )
        assert isinstance(bad.error, InvalidEvent)
        assert (bad.error.code, bad.error.field) == ("message_id.conflict", "message_id")
        assert "secret" not in str(bad.error)
        assert good.error is None
    kept = [doc for doc in (await contents(mongo))["messages"] if doc["ticket_id"] == "T-1"]
    assert kept == stored["messages"]


async def test_the_same_content_of_the_same_customer_gets_no_second_response(
    handler: IngestHandler, mongo: Mongo
) -> None:
    say = "my parcel is late"
    (first,) = await handler.take([message(1, "T-1", say)])
    before = duplicates()
    again = message(2, "T-2", say)
    for _ in range(2):
        assert [o.publish for o in await handler.take([again])] == [()]
    assert duplicates() == before + 1
    stored = await contents(mongo)
    (duplicate,) = stored["duplicates"]
    assert duplicate["original"] == stored["messages"][0]["_id"]
    assert [thread["_id"] for thread in stored["threads"]] == ["T-1"]
    others = [
        message(3, "T-3", say, customer={"customer_id": "C-78"}),
        message(4, "T-4", "my parcel is lost"),
        message(5, "T-5", "ok"),
        message(6, "T-5", "ok"),
        message(7, "T-7", say, customer={}),
    ]
    assert all(o.publish for o in await handler.take(others))
    assert written(await handler.take([message(1, "T-1", say)])) == written([first])


async def test_the_same_content_twice_in_one_wave_goes_on_once(handler: IngestHandler) -> None:
    first, second = await handler.take([message(n, "T-1", "twice the same") for n in (1, 2)])
    assert first.publish
    assert (second.publish, second.error) == ((), None)


async def test_after_the_window_the_same_content_is_a_new_message(
    mongo: Mongo, rules: Rules
) -> None:
    messages = MongoMessages(mongo, REMEMBER, WINDOW)
    later = NOON + WINDOW + timedelta(seconds=1)
    early, late = (
        process(messages, mongo, rules, now=lambda time=time: time)  # type: ignore[misc]
        for time in (NOON, later)
    )
    say = "my parcel is late"
    await early.take([message(1, "T-1", say)])
    duplicate = message(2, "T-2", say)
    assert (await early.take([duplicate]))[0].publish == ()
    assert (await late.take([duplicate]))[0].publish == (), "read again, it stays a duplicate"
    assert ticket((await late.take([message(3, "T-3", say)]))[0]).turn == 1
    assert (await late.take([message(4, "T-4", say)]))[0].publish == ()


async def test_one_of_two_processes_wins_the_same_content(
    handler: IngestHandler, mongo: Mongo, rules: Rules
) -> None:
    say = "my parcel is late"

    class Overtaken(MongoMessages):
        async def hold(self, holds: Sequence[Hold]) -> None:
            await handler.take([message(2, "T-2", say)])
            await super().hold(holds)

    with pytest.raises(TemporaryError, match="another process"):
        await process(Overtaken(mongo, REMEMBER, WINDOW), mongo, rules).take(
            [message(1, "T-1", say)]
        )
    assert [thread["_id"] for thread in (await contents(mongo))["threads"]] == ["T-2"]
    assert (await handler.take([message(1, "T-1", say)]))[0].publish == ()


async def test_after_the_window_one_of_two_processes_wins_the_same_content(
    handler: IngestHandler, mongo: Mongo, rules: Rules
) -> None:
    say = "my parcel is late"
    await handler.take([message(1, "T-1", say)])
    first, second = (
        process(MongoMessages(mongo, REMEMBER, WINDOW), mongo, rules, now=lambda time=time: time)  # type: ignore[misc]
        for time in (NOON + 2 * WINDOW, NOON + 2 * WINDOW + timedelta(seconds=1))
    )

    class Overtaken(MongoMessages):
        async def hold(self, holds: Sequence[Hold]) -> None:
            assert (await first.take([message(2, "T-2", say)]))[0].publish
            await super().hold(holds)

    slow = process(Overtaken(mongo, REMEMBER, WINDOW), mongo, rules, now=lambda: NOON + 2 * WINDOW)
    with pytest.raises(TemporaryError, match="another process"):
        await slow.take([message(3, "T-3", say)])
    assert (await second.take([message(3, "T-3", say)]))[0].publish == ()


async def test_an_original_read_again_stays_one_whoever_said_the_same_since(
    mongo: Mongo, rules: Rules
) -> None:
    messages = MongoMessages(mongo, REMEMBER, WINDOW)
    early, late = (
        process(messages, mongo, rules, now=lambda time=time: time)  # type: ignore[misc]
        for time in (NOON, NOON + 2 * WINDOW)
    )
    say = "my parcel is late"
    first = await early.take([message(1, "T-1", say)])
    await late.take([message(2, "T-2", say)])
    stored = await contents(mongo)
    assert written(await late.take([message(1, "T-1", say)])) == written(first)
    assert await contents(mongo) == stored


async def test_without_a_window_nothing_is_a_duplicate_but_the_same_message(
    mongo: Mongo, rules: Rules
) -> None:
    handler = process(MongoMessages(mongo, REMEMBER, timedelta()), mongo, rules)
    say = "my parcel is late"
    wave = [message(1, "T-1", say), message(2, "T-2", say)]
    assert all(outcome.publish for outcome in await handler.take(wave))
    assert (await handler.take([read_at(message(1, "T-1", say).data, 7)]))[0].publish == ()
    assert not (await contents(mongo)).get("contents")
