"""What ingest remembers, in MongoDB: messages, tickets' threads, duplicates, reports.

No document holds personal data: originals are keyed hashes, or sealed inside the stored event.
Every document has `expires_at`, and a TTL index on it removes it then.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from services.ingest.domain.repeats import Hold, Holder
from services.ingest.domain.threads import Said, Thread
from services.ingest.ports import Accepted, Duplicate, Known, Sought, ThreadChange
from shared.erasing import Erasure
from shared.errors import TemporaryError
from shared.mongo import DUPLICATE_KEY, Mongo, expiring, failures_named

Collection = AsyncIOMotorCollection[Any]


class MongoMessages:
    """The memory of what was let in."""

    def __init__(self, mongo: Mongo, remember: timedelta, window: timedelta = timedelta()) -> None:
        self._messages: Collection = mongo.database["messages"]
        self._contents: Collection = mongo.database["contents"]
        self._threads: Collection = mongo.database["threads"]
        self._duplicates: Collection = mongo.database["duplicates"]
        self._remember = remember
        self.window = window

    async def create_indexes(self) -> None:
        for collection in (self._messages, self._contents, self._threads, self._duplicates):
            await expiring(collection)
        with failures_named():
            await self._messages.create_index("customer_key")

    async def find(self, sought: Sought) -> Known:
        """What is known of it."""
        messages, threads, contents, duplicates = await asyncio.gather(
            _by_id(self._messages, sought.keys),
            self._find_threads(sought.ticket_ids),
            _by_id(self._contents, sought.contents),
            _by_id(self._duplicates, sought.places),
        )
        return Known(
            {
                key: Accepted(
                    key,
                    found["ticket_id"],
                    found["content"],
                    found["place"],
                    found["event"],
                    found["accepted_at"],
                )
                for key, found in messages.items()
            },
            threads,
            {content: Holder(found["key"], found["at"]) for content, found in contents.items()},
            {place: found["original"] for place, found in duplicates.items()},
        )

    async def hold(self, holds: Sequence[Hold]) -> None:
        """Store who holds what."""
        if holds and await _write(self._contents, [self._held(hold) for hold in holds]):
            raise TemporaryError("another process read the same content")

    def _held(self, hold: Hold) -> InsertOne[Any] | UpdateOne:
        after = {**hold.after._asdict(), "expires_at": hold.after.at + self.window}
        if hold.before is None:
            return InsertOne({"_id": hold.content, **after})
        return UpdateOne({"_id": hold.content, "at": hold.before.at}, {"$set": after})

    async def change_threads(self, changes: Sequence[ThreadChange], now: datetime) -> set[str]:
        """Make the changes whose ticket still is as it was read."""
        if not changes:
            return set()
        writes = [self._change(change, now) for change in changes]
        lost = await _write(self._threads, writes)
        if not lost:
            return {change.ticket_id for change in changes}
        stored = await self._find_threads([change.ticket_id for change in changes])
        return {
            change.ticket_id
            for change in changes
            if change.after.recent[-1] in stored.get(change.ticket_id, Thread()).recent
        }

    async def add(self, accepted: Sequence[Accepted]) -> set[str]:
        """Insert if absent; the keys of those that were."""
        if not accepted:
            return set()
        absent = await _inserted(
            self._messages,
            [
                {
                    "_id": message.key,
                    "ticket_id": message.ticket_id,
                    "content": message.content,
                    "place": message.place,
                    "event": message.event,
                    "accepted_at": message.accepted_at,
                    "whole": message.whole,
                    "customer_key": message.customer_key,
                    "expires_at": message.accepted_at + self._remember,
                }
                for message in accepted
            ],
        )
        return {accepted[number].key for number in absent}

    async def forget(self, erasure: Erasure) -> None:
        """Keep of the customer's messages until then only that they were let in.

        Threads first: of what is forgotten of a message nobody could tell the thread.
        """
        theirs = {
            "customer_key": erasure.customer_key,
            "accepted_at": {"$lte": erasure.requested_at},
        }
        with failures_named():
            tickets = await self._messages.distinct("ticket_id", theirs)
            if not tickets:
                return
            await self._threads.update_many(
                {"_id": {"$in": tickets}}, {"$set": {"said": [], "placeholders": {}}}
            )
            await self._messages.update_many(
                theirs, {"$set": {"event": ""}, "$unset": {"whole": "", "customer_key": ""}}
            )

    async def note(self, duplicates: Sequence[Duplicate]) -> int:
        """Remember the duplicates; how many of them were not known yet."""
        if not duplicates:
            return 0
        return len(
            await _inserted(
                self._duplicates,
                [
                    {
                        "_id": duplicate.place,
                        "original": duplicate.original,
                        "seen_at": duplicate.seen_at,
                        "expires_at": duplicate.seen_at + self._remember,
                    }
                    for duplicate in duplicates
                ],
            )
        )

    async def _find_threads(self, ticket_ids: Sequence[str]) -> dict[str, Thread]:
        found = await _by_id(self._threads, ticket_ids)
        return {
            ticket_id: Thread(
                thread["turns"],
                tuple(thread["recent"]),
                thread["language"],
                thread["placeholders"],
                tuple(Said(**said) for said in thread.get("said", ())),
            )
            for ticket_id, thread in found.items()
        }

    def _change(self, change: ThreadChange, now: datetime) -> InsertOne[Any] | UpdateOne:
        after = {
            "turns": change.after.turns,
            "recent": list(change.after.recent),
            "language": change.after.language,
            "placeholders": dict(change.after.placeholders),
            "said": [asdict(said) for said in change.after.said],
            "expires_at": now + self._remember,
        }
        if change.before is None:
            return InsertOne({"_id": change.ticket_id, **after})
        guard = {"_id": change.ticket_id, "turns": change.before.turns}
        return UpdateOne(guard, {"$set": after})


class MongoReports:
    """When reports that do not say so themselves came in first."""

    def __init__(self, mongo: Mongo, remember: timedelta) -> None:
        self._reports: Collection = mongo.database["reports"]
        self._remember = remember

    async def create_indexes(self) -> None:
        await expiring(self._reports)

    async def first_seen(self, seen: Mapping[str, datetime]) -> dict[str, datetime]:
        """Insert these times by event id if absent; what is stored then."""
        if not seen:
            return {}
        await _inserted(
            self._reports,
            [
                {"_id": event_id, "seen_at": moment, "expires_at": moment + self._remember}
                for event_id, moment in seen.items()
            ],
        )
        stored = await _by_id(self._reports, list(seen))
        return {event_id: found["seen_at"] for event_id, found in stored.items()}


async def _by_id(collection: Collection, ids: Sequence[str]) -> dict[str, Any]:
    if not ids:
        return {}
    with failures_named():
        found = await collection.find({"_id": {"$in": list(ids)}}).to_list(None)
    return {document["_id"]: document for document in found}


async def _inserted(collection: Collection, documents: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert those that are absent; their positions in the sequence."""
    present: set[int] = set()
    with failures_named():
        try:
            await collection.insert_many([dict(d) for d in documents], ordered=False)
        except BulkWriteError as error:
            present = _already_there(error)
    return [number for number in range(len(documents)) if number not in present]


async def _write(collection: Collection, writes: Sequence[InsertOne[Any] | UpdateOne]) -> bool:
    """Insert or update under guard; whether any of them was too late."""
    updates = sum(isinstance(write, UpdateOne) for write in writes)
    with failures_named():
        try:
            result = await collection.bulk_write(list(writes), ordered=False)
        except BulkWriteError as error:
            return bool(_already_there(error))
    return result.matched_count < updates


def _already_there(error: BulkWriteError) -> set[int]:
    """The positions of the writes that met an existing id. Other errors are raised again."""
    problems: Iterable[Any] = error.details.get("writeErrors", [])
    numbers = {problem["index"] for problem in problems if problem["code"] == DUPLICATE_KEY}
    if not numbers or len(numbers) < len(list(problems)):
        raise error
    return numbers
