"""One database per worker: connecting, and naming its failures."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    WTimeoutError,
)

from shared.errors import TemporaryError

AWAY = (AutoReconnect, ConnectionFailure, ExecutionTimeout, WTimeoutError)
DUPLICATE_KEY = 11000


class Mongo:
    """The database of one worker. Nothing is connected before the first call."""

    def __init__(self, url: str, worker: str) -> None:
        self._client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(
            url,
            serverSelectionTimeoutMS=3_000,
            connectTimeoutMS=3_000,
            socketTimeoutMS=30_000,
            tz_aware=True,
            w="majority",
            appname=f"careloop-{worker}",
        )
        self.database: AsyncIOMotorDatabase[Any] = self._client[worker]

    async def reach(self) -> None:
        """Raises TemporaryError when no database answers."""
        with failures_named():
            await self._client.admin.command("ping")

    async def close(self) -> None:
        self._client.close()


@contextlib.contextmanager
def failures_named() -> Iterator[None]:
    """Turn 'the database is away' into TemporaryError; other errors are bugs and pass through."""
    try:
        yield
    except AWAY as error:
        raise TemporaryError(f"no database answers: {type(error).__name__}") from error


@contextlib.contextmanager
def duplicates_ignored() -> Iterator[None]:
    """For insert-if-absent: whoever came first stays."""
    try:
        yield
    except DuplicateKeyError:
        return
    except BulkWriteError as error:
        problems = error.details.get("writeErrors", [])
        if not problems or any(problem["code"] != DUPLICATE_KEY for problem in problems):
            raise


class MongoOffsets:
    """Up to where a worker's stored state reflects the feedback topic."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.database["offsets"]

    async def load(self) -> Mapping[int, int]:
        with failures_named():
            stored = await self._collection.find_one({"_id": "feedback"})
        offsets = (stored or {}).get("next", {})
        return {int(partition): offset for partition, offset in offsets.items()}

    async def save(self, offsets: Mapping[int, int]) -> None:
        forward = {f"next.{partition}": offset for partition, offset in offsets.items()}
        with failures_named(), duplicates_ignored():
            await self._collection.update_one({"_id": "feedback"}, {"$max": forward}, upsert=True)
