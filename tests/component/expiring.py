"""What every store that expires has to do."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from shared.mongo import Mongo

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Store(Protocol):
    async def create_indexes(self) -> None: ...


async def check_earlier_documents(
    mongo: Mongo, stores: Iterable[Store], names: Iterable[str], kept: timedelta
) -> None:
    """The database removes what has expired; what an earlier release stored counts from now, and
    starting once more changes nothing of that."""
    names = list(names)
    for name in names:
        await mongo.database[name].insert_many(
            [{"_id": "old"}, {"_id": "dated", "expires_at": LONG_AGO + timedelta(days=36_500)}]
        )
    before = datetime.now(UTC)
    for store in stores:
        await store.create_indexes()
    first = {name: await expiries(mongo, name) for name in names}
    for store in stores:
        await store.create_indexes()
    for name in names:
        indexes = await mongo.database[name].index_information()
        assert indexes["expires_at_1"]["expireAfterSeconds"] == 0
        found = await expiries(mongo, name)
        assert found == first[name]
        assert found["dated"] == LONG_AGO + timedelta(days=36_500)
        assert in_time(found["old"], before, kept)


async def check_written(
    mongo: Mongo, names: Iterable[str], kept: timedelta, write: Callable[[], Awaitable[Any]]
) -> None:
    """Whatever is written expires so long after that, and not by the time that it tells."""
    before = datetime.now(UTC)
    await write()
    for name in names:
        found = await expiries(mongo, name)
        assert found, f"nothing was written to {name}"
        assert all(in_time(moment, before, kept) for moment in found.values())


async def expiries(mongo: Mongo, name: str) -> dict[Any, datetime]:
    found = mongo.database[name].find({}, {"expires_at": 1})
    return {one["_id"]: one["expires_at"] async for one in found}


def in_time(moment: datetime, since: datetime, kept: timedelta) -> bool:
    # The database keeps milliseconds.
    return since - timedelta(seconds=1) <= moment - kept <= datetime.now(UTC)
