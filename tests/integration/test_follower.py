"""What everybody is to hear is heard, and nothing else is read for it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.envelope import Event, new_event
from shared.events import ModelPromoted, PolicyUpdated, TicketResolved
from shared.follower import Follower
from shared.settings import WorkerSettings
from tests.integration.stage import Stage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Remembered:
    """How far a worker came, as its database has it."""

    def __init__(self) -> None:
        self.offsets: dict[int, int] = {}

    async def load(self) -> Mapping[int, int]:
        return dict(self.offsets)

    async def save(self, offsets: Mapping[int, int]) -> None:
        self.offsets |= offsets


def promoted(version: str) -> Event[Any]:
    data = ModelPromoted(name="classifier", version=version, promoted_at=NOW)
    return new_event(data, cause=version, source="/careloop/test", now=NOW)


def told(number: int) -> Event[Any]:
    data = TicketResolved(ticket_id=f"T-{number}", resolved_by="customer", occurred_at=NOW)
    return new_event(data, cause=str(number), source="/careloop/test", now=NOW)


async def test_a_process_reads_what_concerns_all_and_goes_on_from_there(stage: Stage) -> None:
    policy = PolicyUpdated(version=1, default_threshold=0.5, alpha=0.1, delta=0.1, decided_at=NOW)
    decided = new_event(policy, cause="1", source="/careloop/test", now=NOW)
    replies = [told(number) for number in range(200)]
    await stage.publish("feedback", [promoted("1"), *replies, decided, promoted("2")])
    remembered = Remembered()
    assert await followed(stage, remembered, 2) == ["1", "2"]
    # Two promotions and a policy; of what 200 tickets came to, nothing.
    apart = [one.offset for one in await stage.read("feedback") if one.partition == 0]
    assert len(apart) == 3 and remembered.offsets == {0: apart[-1] + 1}
    await stage.publish("feedback", [*replies, promoted("3")])
    assert await followed(stage, remembered, 1) == ["3"]


async def followed(stage: Stage, remembered: Remembered, count: int) -> list[str]:
    """The versions a new process hears of until there are so many."""
    heard: list[str] = []
    enough = asyncio.Event()

    async def apply(event: Event[Any]) -> None:
        heard.append(event.data.version)
        if len(heard) == count:
            enough.set()

    settings = WorkerSettings(kafka_bootstrap_servers=stage.runtime.endpoints.kafka)
    follower = Follower(settings, (ModelPromoted,), apply, remembered, lambda: NOW)
    following = asyncio.create_task(follower.run())
    try:
        await asyncio.wait_for(follower.caught_up.wait(), 30)
        await asyncio.wait_for(enough.wait(), 30)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    return heard
