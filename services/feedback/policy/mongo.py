"""Policies in MongoDB."""

from collections.abc import Sequence

from services.feedback.domain.choosing.weights import Weights
from services.feedback.domain.policy import Decided
from services.feedback.policy.documents import Document, policy_document, policy_of
from shared.mongo import Mongo, duplicates_ignored, failures_named

OLDEST_FIRST, NEWEST_FIRST = 1, -1


class MongoPolicies:
    """`policies` by version; `state` holds what was studied last."""

    def __init__(self, mongo: Mongo) -> None:
        self._policies = mongo.database["policies"]
        self._state = mongo.database["state"]

    async def current(self) -> Decided | None:
        with failures_named():
            document = await self._policies.find_one(sort=[("_id", NEWEST_FIRST)])
        return policy_of(document) if document else None

    async def version(self, version: int) -> Decided | None:
        """That one; None when there is no such version. Raises TemporaryError."""
        with failures_named():
            document = await self._policies.find_one({"_id": version})
        return policy_of(document) if document else None

    async def newest(self, most: int) -> Sequence[Decided]:
        """So many of the last versions, newest first. Raises TemporaryError."""
        with failures_named():
            found = self._policies.find().sort("_id", NEWEST_FIRST).limit(most)
            return [policy_of(document) async for document in found]

    async def weights(self) -> Sequence[Weights]:
        """Those in force, of what is left to chance; `WeightsInForce`."""
        decided = await self.current()
        return decided.policy.choices if decided else ()

    async def add(self, decided: Decided) -> None:
        with failures_named(), duplicates_ignored():
            await self._policies.insert_one(policy_document(decided))

    async def unpublished(self) -> Sequence[Decided]:
        with failures_named():
            found = self._policies.find({"published": False}).sort("_id", OLDEST_FIRST)
            return [policy_of(document) async for document in found]

    async def mark_published(self, version: int) -> None:
        with failures_named():
            await self._policies.update_one({"_id": version}, {"$set": {"published": True}})

    async def studied(self) -> str | None:
        with failures_named():
            found: Document | None = await self._state.find_one({"_id": "studied"})
        return found["fingerprint"] if found else None

    async def mark_studied(self, fingerprint: str) -> None:
        with failures_named(), duplicates_ignored():
            await self._state.update_one(
                {"_id": "studied"}, {"$set": {"fingerprint": fingerprint}}, upsert=True
            )
