"""Personalize's database: profiles, the archive of facts, and which models were promoted."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from pymongo import InsertOne, ReplaceOne

from services.personalize.documents import (
    MEMBER,
    Document,
    entry_document,
    entry_of,
    member_of,
    profile_document,
    profile_of,
)
from services.personalize.domain.population import Member
from services.personalize.domain.profile import Entry, Profile
from shared.events import ModelPromoted
from shared.mongo import Mongo, duplicates_ignored, expiring, failures_named
from shared.retention import again_within
from shared.topics import FEEDBACK, PERSONALIZE

KEPT = again_within("personalize", FEEDBACK, PERSONALIZE)
"""How long a fact can be delivered again: from its topic, and then from the dead letters."""
PORTION = 500
"""Members of the population read at a time."""
FIRST_WINDOW = timedelta(minutes=5)
OLDEST = timedelta(days=730)
"""Who did nothing for longer tells nothing of how customers are now."""
_OF_MEMBERS = dict.fromkeys(MEMBER, 1)


class MongoProfiles:
    """`profiles` by customer key; `archive` by event id, kept as long as events can come again."""

    def __init__(self, mongo: Mongo, kept: timedelta = KEPT) -> None:
        self._profiles = mongo.database["profiles"]
        self._archive = mongo.database["archive"]
        self._kept = kept

    async def create_indexes(self) -> None:
        with failures_named():
            await self._profiles.create_index("ticket_ids")
            await self._profiles.create_index("changed_at")
            await self._archive.create_index("customer_key")
        for collection in (self._profiles, self._archive):
            await expiring(collection)

    async def load(self, customer_keys: Iterable[str]) -> Mapping[str, Profile]:
        with failures_named():
            found = self._profiles.find({"_id": {"$in": list(customer_keys)}})
            return {document["_id"]: profile_of(document) async for document in found}

    async def save(self, profiles: Sequence[Profile]) -> bool:
        writes = [self._write(profile) for profile in profiles]
        written = 0
        with failures_named(), duplicates_ignored():
            result = await self._profiles.bulk_write(writes, ordered=False)
            written = result.matched_count + result.inserted_count
        return written == len(writes)

    def _write(self, profile: Profile) -> InsertOne[Document] | ReplaceOne[Document]:
        document = profile_document(profile, self._kept)
        if profile.version == 0:
            return InsertOne(document)
        return ReplaceOne({"_id": profile.customer_key, "version": profile.version}, document)

    async def archived(self, event_ids: Iterable[str]) -> Mapping[str, Entry]:
        with failures_named():
            found = self._archive.find({"_id": {"$in": list(event_ids)}})
            return {document["_id"]: entry_of(document) async for document in found}

    async def archive(self, entries: Mapping[str, Sequence[Entry]], now: datetime) -> None:
        documents = [
            {**entry_document(entry), "customer_key": key, "expires_at": now + self._kept}
            for key, of_customer in entries.items()
            for entry in of_customer
        ]
        with failures_named(), duplicates_ignored():
            await self._archive.insert_many(documents, ordered=False)

    async def forget(self, customer_key: str, until: datetime) -> None:
        old = {"customer_key": customer_key, "received_at": {"$lte": until}}
        with failures_named():
            await self._archive.delete_many(old)

    async def customers_of(self, ticket_ids: Iterable[str]) -> Mapping[str, str]:
        wanted = set(ticket_ids)
        with failures_named():
            found = self._profiles.find({"ticket_ids": {"$in": list(wanted)}}, {"ticket_ids": 1})
            return {
                ticket_id: document["_id"]
                async for document in found
                for ticket_id in wanted.intersection(document["ticket_ids"])
            }

    async def members(self, most: int, now: datetime) -> AsyncIterator[Sequence[Member]]:
        left = most
        for window in _windows(now):
            with failures_named():
                found = self._profiles.find({"changed_at": window}, _OF_MEMBERS, batch_size=PORTION)
                newest = found.sort("changed_at", -1).limit(left)
                while documents := await newest.to_list(PORTION):
                    left -= len(documents)
                    yield [member_of(document) for document in documents]
            if left <= 0:
                return


def _windows(now: datetime) -> Iterator[Mapping[str, datetime]]:
    """Times back from now, each twice as long as the one before: some databases look at all that
    matches before they give the first, however few are asked for."""
    start, length = now - FIRST_WINDOW, FIRST_WINDOW
    yield {"$gte": start}
    while now - start < OLDEST:
        end, length = start, length * 2
        start = end - length
        yield {"$gte": start, "$lt": end}


class MongoState:
    """`state`: a document for each model, its last promotion. Only newer replaces older."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.database["state"]

    async def promoted(self) -> Mapping[str, ModelPromoted]:
        with failures_named():
            documents = await self._collection.find({}).to_list(None)
        found = [ModelPromoted.model_validate_json(document["data"]) for document in documents]
        return {promoted.name: promoted for promoted in found}

    async def save_promoted(self, promoted: ModelPromoted) -> None:
        order = promoted.promoted_at.timestamp()
        # A newer one in the store does not match the guard; the insert it then tries is refused.
        with failures_named(), duplicates_ignored():
            await self._collection.update_one(
                {"_id": promoted.name, "order": {"$lt": order}},
                {"$set": {"order": order, "data": promoted.model_dump_json()}},
                upsert=True,
            )
