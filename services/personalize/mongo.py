"""Profiles in MongoDB."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from pymongo import InsertOne, ReplaceOne

from services.personalize.documents import (
    Document,
    entry_document,
    entry_of,
    profile_document,
    profile_of,
)
from services.personalize.domain.profile import Entry, Profile
from shared.mongo import Mongo, duplicates_ignored, failures_named
from shared.topics import FEEDBACK, PERSONALIZE, TOPICS

KEPT = max(FEEDBACK.retention, PERSONALIZE.retention) + TOPICS["personalize.dlq"].retention
"""How long a fact can be delivered again: from its topic, and then from the dead letters."""


class MongoProfiles:
    """`profiles` by customer key; `archive` by event id, kept as long as events can come again."""

    def __init__(self, mongo: Mongo, kept: timedelta = KEPT) -> None:
        self._profiles = mongo.database["profiles"]
        self._archive = mongo.database["archive"]
        self._kept = kept

    async def create_indexes(self) -> None:
        with failures_named():
            await self._profiles.create_index("ticket_ids")
            await self._profiles.create_index("expires_at", expireAfterSeconds=0)
            await self._archive.create_index("customer_key")
            await self._archive.create_index("expires_at", expireAfterSeconds=0)

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
