"""Crashes between writes, and two processes on one ticket."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from services.ingest.domain.reading import Rules
from services.ingest.handlers import IngestHandler
from services.ingest.mongo import MongoMessages
from services.ingest.ports import Accepted
from shared.envelope import Event
from shared.errors import TemporaryError
from shared.mongo import Mongo
from tests.component.ingest.kit import (
    REMEMBER,
    WINDOW,
    Killed,
    contents,
    message,
    process,
    read_at,
    ticket,
    written,
)


async def test_process_killed_between_its_writes_loses_and_repeats_nothing(
    handler: IngestHandler, mongo: Mongo, rules: Rules
) -> None:
    class Dying(MongoMessages):
        async def add(self, accepted: Sequence[Accepted]) -> set[str]:
            raise Killed

    first, second = message(1), message(2, body="mail x@y.cn")
    await handler.take([first])
    with pytest.raises(Killed):
        await process(Dying(mongo, REMEMBER, WINDOW), mongo, rules).take([second])
    (outcome,) = await handler.take([second])
    accepted = ticket(outcome)
    assert (accepted.turn, accepted.text) == (2, "mail [EMAIL_2]")
    stored = await contents(mongo)
    assert written(await handler.take([second])) == written([outcome])
    assert await contents(mongo) == stored
    assert ticket((await handler.take([message(3)]))[0]).turn == 3


async def test_two_processes_on_one_ticket_give_every_message_its_own_turn(
    handler: IngestHandler, mongo: Mongo, rules: Rules
) -> None:
    """The other process takes the turn between this one's reading and its writing."""
    other = process(MongoMessages(mongo, REMEMBER, WINDOW), mongo, rules)

    class Overtaken(MongoMessages):
        overtaken_by: Event[Any] | None

        async def change_threads(self, changes: Any, now: datetime) -> set[str]:
            if self.overtaken_by is not None:
                event, self.overtaken_by = self.overtaken_by, None
                await other.take([event])
            return await super().change_threads(changes, now)

    messages = Overtaken(mongo, REMEMBER, WINDOW)
    slow = process(messages, mongo, rules)
    for mine, theirs in ((1, 2), (3, 4)):
        messages.overtaken_by = message(theirs, body=f"{theirs} a@b.co")
        raced, undisturbed = await slow.take(
            [message(mine, body=f"{mine} c@d.co"), message(mine + 10, f"T-{mine}0")]
        )
        assert isinstance(raced.error, TemporaryError)
        assert ticket(undisturbed).turn == 1
        (retried,) = await slow.take([message(mine, body=f"{mine} c@d.co")])
        assert ticket(retried).turn == theirs
        again = message(theirs, body=f"{theirs} a@b.co")
        assert ticket((await other.take([again]))[0]).turn == mine
    (last,) = await handler.take([message(5, body="a@b.co c@d.co")])
    assert ticket(last).text == "[EMAIL_2] [EMAIL_3]"


async def test_the_same_message_in_two_processes_at_once_goes_on_once(
    handler: IngestHandler, mongo: Mongo, rules: Rules
) -> None:
    twin = read_at(message(1).data, 9)

    class Overtaken(MongoMessages):
        async def add(self, accepted: Sequence[Accepted]) -> set[str]:
            await handler.take([twin])
            return await super().add(accepted)

    (raced,) = await process(Overtaken(mongo, REMEMBER, WINDOW), mongo, rules).take([message(1)])
    assert isinstance(raced.error, TemporaryError)
    (retried,) = await handler.take([message(1)])
    assert (retried.publish, retried.error) == ((), None)
    (twins,) = await handler.take([twin])
    assert ticket(twins).turn == 1
    assert ticket((await handler.take([message(2)]))[0]).turn == 2
