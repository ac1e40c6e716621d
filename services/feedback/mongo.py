"""Histories, outcomes and policies in MongoDB."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne

from services.feedback.documents import (
    Document,
    history_fields,
    history_of,
    outcome_fields,
    policy_document,
    policy_of,
)
from services.feedback.domain.history import TicketHistory
from services.feedback.domain.policy import Decided, Observation
from services.feedback.domain.quality import Group
from services.feedback.domain.verdicts import JudgedResponse
from shared.errors import TemporaryError
from shared.mongo import Mongo, duplicates_ignored, failures_named

UPSERT_TRIES = 3


class MongoHistories:
    """`tickets`: one document per ticket, with `responses.<key>` and `signals.<key>`."""

    def __init__(self, mongo: Mongo) -> None:
        self._tickets = mongo.database["tickets"]

    async def add(self, told: Sequence[TicketHistory]) -> None:
        writes: list[UpdateOne] = [
            UpdateOne({"_id": one.ticket_id}, {"$set": history_fields(one)}, upsert=True)
            for one in told
            if one.facts
        ]
        with failures_named():
            for _ in range(UPSERT_TRIES if writes else 0):
                # Two processes may both find a ticket missing; whose insert fails updates it next.
                with duplicates_ignored():
                    await self._tickets.bulk_write(writes, ordered=False)
                    return
        if writes:
            raise TemporaryError("tickets are being changed by too many at once")

    async def load(self, ticket_ids: Iterable[str]) -> Sequence[TicketHistory]:
        with failures_named():
            found = self._tickets.find({"_id": {"$in": list(ticket_ids)}})
            return [history_of(document) async for document in found]


class MongoOutcomes:
    """`outcomes`: one document per response, made from its ticket's history."""

    def __init__(self, mongo: Mongo) -> None:
        self._outcomes = mongo.database["outcomes"]

    async def create_indexes(self) -> None:
        newest = [("judged", ASCENDING), ("intent", ASCENDING), ("created_at", DESCENDING)]
        with failures_named():
            await self._outcomes.create_index(newest)
            await self._outcomes.create_index("created_at")

    async def save(self, judged: Sequence[JudgedResponse]) -> None:
        # Where as many facts are reflected already the filter finds nothing and the insert that
        # follows from `upsert` is refused: a late or repeated judgement changes nothing.
        writes: list[UpdateOne] = [
            UpdateOne(
                {"_id": one.response.key, "facts": {"$lt": one.facts}},
                {"$set": outcome_fields(one)},
                upsert=True,
            )
            for one in judged
        ]
        with failures_named(), duplicates_ignored():
            if writes:
                await self._outcomes.bulk_write(writes, ordered=False)

    async def evidence(self, newest: int) -> Mapping[str, Sequence[Observation]]:
        with failures_named():
            intents = await self._outcomes.distinct("intent", {"judged": True})
            return {intent: await self._newest(intent, newest) for intent in sorted(intents)}

    async def _newest(self, intent: str, most: int) -> Sequence[Observation]:
        wanted = {"judged": True, "intent": intent}
        found = self._outcomes.find(wanted, {"confidence": 1, "verdict": 1})
        newest = found.sort([("created_at", DESCENDING), ("_id", ASCENDING)]).limit(most)
        return [Observation(one["confidence"], one["verdict"] == "bad") async for one in newest]

    async def groups(self, since: datetime) -> Sequence[Group]:
        names = ("intent", "decision", "verdict")
        sums = ("ratings", "stars", "satisfied")
        counting: list[Mapping[str, Any]] = [
            {"$match": {"created_at": {"$gte": since}}},
            {
                "$group": {
                    "_id": {name: f"${name}" for name in names},
                    "responses": {"$sum": 1},
                    **{name: {"$sum": f"${name}"} for name in sums},
                }
            },
        ]
        with failures_named():
            found = self._outcomes.aggregate(counting)
            return [Group(**{**one.pop("_id"), **one}) async for one in found]


class MongoPolicies:
    """`policies` by version; `state` holds what was studied last."""

    def __init__(self, mongo: Mongo) -> None:
        self._policies = mongo.database["policies"]
        self._state = mongo.database["state"]

    async def current(self) -> Decided | None:
        with failures_named():
            document = await self._policies.find_one(sort=[("_id", DESCENDING)])
        return policy_of(document) if document else None

    async def add(self, decided: Decided) -> None:
        with failures_named(), duplicates_ignored():
            await self._policies.insert_one(policy_document(decided))

    async def unpublished(self) -> Sequence[Decided]:
        with failures_named():
            found = self._policies.find({"published": False}).sort("_id", ASCENDING)
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
