"""One database per worker: connecting, and naming its failures."""

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import UpdateOne
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    WTimeoutError,
)
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from shared import metrics
from shared.erasing import Erasure
from shared.errors import FatalError, TemporaryError
from shared.settings import UnusableSettings

AWAY = (AutoReconnect, ConnectionFailure, ExecutionTimeout, WTimeoutError)
DUPLICATE_KEY = 11000
UNAUTHORIZED, AUTHENTICATION_FAILED = 13, 18
UNTRUSTED = "certificate verify failed"
NO_URL = (
    "MONGO_URL: no connection string, as mongodb://user:password@host:27017/?authSource=admin is; "
    "what is special in user and password is written like %40 for @"
)


class Mongo:
    """The database of one worker. Nothing is connected before the first call. Raises
    UnusableSettings for a `url` that is none."""

    def __init__(self, url: str, worker: str) -> None:
        try:
            self._client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(
                url,
                serverSelectionTimeoutMS=3_000,
                connectTimeoutMS=3_000,
                socketTimeoutMS=30_000,
                tz_aware=True,
                w="majority",
                appname=f"careloop-{worker}",
                event_listeners=[CommandMetrics()],
            )
        except (ConfigurationError, ValueError):
            # What the driver says may quote the password.
            raise UnusableSettings([NO_URL]) from None
        self.database: AsyncIOMotorDatabase[Any] = self._client[worker]

    async def reach(self) -> None:
        """Raises TemporaryError when no database answers, FatalError when it does not let us in."""
        with failures_named():
            # Not a ping: that is answered to whoever has no password, too.
            await self.database["offsets"].find_one({"_id": "feedback"})

    async def close(self) -> None:
        self._client.close()


class CommandMetrics(CommandListener):
    """Times commands by their names, of which a driver has few. Their content it does not see."""

    def started(self, event: CommandStartedEvent) -> None:
        """Counted when it ends."""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        seconds = event.duration_micros / 1e6
        metrics.DATABASE_SECONDS.labels(event.command_name).observe(seconds)

    def failed(self, event: CommandFailedEvent) -> None:
        metrics.DATABASE_ERRORS.labels(event.command_name).inc()


@contextlib.contextmanager
def failures_named() -> Iterator[None]:
    """Turn 'the database is away' into TemporaryError, and 'it does not let us' into FatalError;
    other errors are bugs and pass through."""
    try:
        yield
    except OperationFailure as error:
        if error.code == AUTHENTICATION_FAILED:
            raise FatalError(
                "the database refuses our user: mend name, password or authSource in MONGO_URL"
            ) from error
        if error.code == UNAUTHORIZED:
            raise FatalError(
                "the database does not let our user do this: MONGO_URL needs a user with readWrite "
                "on this worker's own database (`python -m deploy.mongo_users` makes them)"
            ) from error
        raise
    except AWAY as error:
        metrics.UNREACHABLE.inc()
        if UNTRUSTED in str(error):
            raise FatalError(
                "the database shows a certificate that is not trusted: mend tlsCAFile or the name "
                "in MONGO_URL"
            ) from error
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


async def expiring(collection: Any) -> None:
    """Have the database remove documents when the time in `expires_at` has come. Raises
    TemporaryError."""
    with failures_named():
        await collection.create_index("expires_at", expireAfterSeconds=0)


class Expiry:
    """Has the database remove documents so long after they were last written.

    Counted by the machine's clock, as the database does: the time that a message tells of itself
    may be any.
    """

    def __init__(self, kept: timedelta) -> None:
        self._kept = kept

    def stamp(self) -> dict[str, datetime]:
        """The field to write with a document."""
        return {"expires_at": datetime.now(UTC) + self._kept}

    async def create_index(self, collection: Any) -> None:
        """Documents of an earlier release have no such field: they count from now. Raises
        TemporaryError."""
        await expiring(collection)
        with failures_named():
            await collection.update_many({"expires_at": None}, {"$set": self.stamp()})


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


class MongoErasures:
    """`erasures`: a document for each customer who asked to be forgotten, by their key, which is
    all that stays of them; it expires."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.database["erasures"]

    async def create_indexes(self) -> None:
        await expiring(self._collection)

    async def note(self, erasures: Sequence[Erasure]) -> None:
        with failures_named(), duplicates_ignored():
            await self._collection.bulk_write(
                [
                    UpdateOne(
                        {"_id": one.customer_key},
                        {"$max": {"requested_at": one.requested_at, "expires_at": one.expires_at}},
                        upsert=True,
                    )
                    for one in erasures
                ],
                ordered=False,
            )

    async def standing(self, customer_keys: Collection[str] | None = None) -> Sequence[Erasure]:
        wanted = {} if customer_keys is None else {"_id": {"$in": sorted(customer_keys)}}
        with failures_named():
            found = await self._collection.find(wanted).to_list(None)
        return [Erasure(one["_id"], one["requested_at"]) for one in found]
