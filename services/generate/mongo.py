"""Generate's database: responses, what people did with them, and what is in force."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError

from services.generate.erasing import Place, blanked
from services.generate.ports import Kept, Release, Stored
from services.generate.retention import KEPT
from shared.envelope import Event, data_of
from shared.erasing import Erasure
from shared.events import KnowledgeUpdated, PolicyUpdated, ResponseGenerated
from shared.mongo import Expiry, Mongo, duplicates_ignored, failures_named


class MongoResponses:
    """`responses`: one document a response, `_id` its id, the event as text; it expires.

    Text, because what is published again must be the same to the byte, and a database's own dates
    and numbers are not.
    """

    def __init__(self, mongo: Mongo, kept: timedelta = KEPT) -> None:
        self._collection = mongo.database["responses"]
        self._expiry = Expiry(kept)

    async def create_indexes(self) -> None:
        with failures_named():
            await self._collection.create_index([("ticket_id", 1), ("turn", 1)])
            await self._collection.create_index("customer_key")
        await self._expiry.create_index(self._collection)

    async def of_customer(self, erasure: Erasure) -> Sequence[Place]:
        theirs = {"customer_key": erasure.customer_key, "asked_at": {"$lte": erasure.requested_at}}
        with failures_named():
            found = self._collection.find(theirs, {"ticket_id": 1})
            return [Place(one["_id"], one["ticket_id"]) async for one in found]

    async def blank(self, response_ids: Sequence[str]) -> None:
        with failures_named():
            found = self._collection.find({"_id": {"$in": list(response_ids)}})
            documents: list[dict[str, Any]] = await found.to_list(None)
            await self._collection.bulk_write([_blanking(one) for one in documents])

    async def find(self, response_ids: Sequence[str]) -> Stored:
        if not response_ids:
            return {}
        with failures_named():
            found = self._collection.find({"_id": {"$in": list(response_ids)}})
            documents: list[dict[str, Any]] = await found.to_list(None)
        return {document["_id"]: _kept(document) for document in documents}

    async def keep(self, responses: Sequence[Kept]) -> Stored:
        mine = {kept.event.data.response_id: kept for kept in responses}
        if not mine:
            return {}
        try:
            with failures_named():
                await self._collection.insert_many(
                    [_document(kept) | self._expiry.stamp() for kept in mine.values()],
                    ordered=False,
                )
        except BulkWriteError as error:
            with duplicates_ignored():
                raise error  # passes on whatever is no duplicate
            # Another process was first with some of them: its word counts.
            return mine | dict(await self.find(list(mine)))
        return mine

    async def last_before(self, turns: Mapping[str, int]) -> Stored:
        if not turns:
            return {}
        earlier = [
            {"ticket_id": ticket_id, "turn": {"$lt": turn}} for ticket_id, turn in turns.items()
        ]
        with failures_named():
            found = self._collection.find(
                {"$or": earlier}, {"_id": 1, "ticket_id": 1, "turn": 1, "time": 1}
            )
            places: list[dict[str, Any]] = await found.to_list(None)
        last: dict[str, dict[str, Any]] = {}
        for place in sorted(places, key=lambda one: (one["turn"], one["time"])):
            last[place["ticket_id"]] = place
        responses = await self.find([place["_id"] for place in last.values()])
        return {ticket_id: responses[place["_id"]] for ticket_id, place in last.items()}


class MongoReleases:
    """`releases`: a document for each event that gave a ticket back, with the turn before it;
    it expires."""

    def __init__(self, mongo: Mongo, kept: timedelta = KEPT) -> None:
        self._collection = mongo.database["releases"]
        self._expiry = Expiry(kept)

    async def create_indexes(self) -> None:
        with failures_named():
            await self._collection.create_index("ticket_id")
        await self._expiry.create_index(self._collection)

    async def record(self, releases: Sequence[Release]) -> None:
        documents = [
            {"_id": one.event_id, "ticket_id": one.ticket_id, "turn": one.turn}
            | self._expiry.stamp()
            for one in releases
        ]
        if documents:
            with failures_named(), duplicates_ignored():
                await self._collection.insert_many(documents, ordered=False)

    async def of(self, ticket_ids: Sequence[str]) -> Mapping[str, int]:
        if not ticket_ids:
            return {}
        last: dict[str, int] = {}
        with failures_named():
            found = self._collection.find({"ticket_id": {"$in": list(ticket_ids)}})
            async for document in found:
                ticket_id = document["ticket_id"]
                last[ticket_id] = max(document["turn"], last.get(ticket_id, 0))
        return last


class MongoReviews:
    """`reviews`: a document for each reviewed response, with the event that was first; it
    expires."""

    def __init__(self, mongo: Mongo, kept: timedelta = KEPT) -> None:
        self._collection = mongo.database["reviews"]
        self._expiry = Expiry(kept)

    async def create_indexes(self) -> None:
        await self._expiry.create_index(self._collection)

    async def first(self, verdicts: Mapping[str, str]) -> Mapping[str, str]:
        if not verdicts:
            return {}
        documents = [
            {"_id": key, "event_id": event_id} | self._expiry.stamp()
            for key, event_id in verdicts.items()
        ]
        with failures_named(), duplicates_ignored():
            await self._collection.insert_many(documents, ordered=False)
        with failures_named():
            found = self._collection.find({"_id": {"$in": list(verdicts)}})
            return {document["_id"]: document["event_id"] async for document in found}


class MongoSpent:
    """`llm_spent`: the tokens language models took, a document for each UTC day."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.database["llm_spent"]

    async def add(self, day: date, tokens: int) -> int:
        with failures_named():
            found = await self._collection.find_one_and_update(
                {"_id": day.isoformat()},
                {"$inc": {"tokens": tokens}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return int(found["tokens"])


class MongoState:
    """`state`: one document for the policy, one for the knowledge. Only newer replaces older."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.database["state"]

    async def policy(self) -> PolicyUpdated | None:
        stored = await self._read("policy")
        return None if stored is None else PolicyUpdated.model_validate_json(stored)

    async def save_policy(self, policy: PolicyUpdated) -> None:
        await self._save("policy", policy.version, policy.model_dump_json())

    async def knowledge(self) -> KnowledgeUpdated | None:
        stored = await self._read("knowledge")
        return None if stored is None else KnowledgeUpdated.model_validate_json(stored)

    async def save_knowledge(self, knowledge: KnowledgeUpdated) -> None:
        order = knowledge.updated_at.timestamp()
        await self._save("knowledge", order, knowledge.model_dump_json())

    async def _read(self, name: str) -> str | None:
        with failures_named():
            document = await self._collection.find_one({"_id": name})
        return None if document is None else str(document["data"])

    async def _save(self, name: str, order: float, data: str) -> None:
        # A newer one in the store does not match the guard; the insert it then tries is refused.
        with failures_named(), duplicates_ignored():
            await self._collection.update_one(
                {"_id": name, "order": {"$lt": order}},
                {"$set": {"order": order, "data": data}},
                upsert=True,
            )


def _document(kept: Kept) -> dict[str, Any]:
    event = kept.event
    return {
        "_id": event.data.response_id,
        "ticket_id": event.data.ticket_id,
        "turn": kept.turn,
        "event_id": event.id,
        "source": event.source,
        "time": event.time.isoformat(),
        "traceparent": event.traceparent,
        "seals": list(kept.seals),
        "customer_key": event.data.customer_key,
        "asked_at": event.data.asked.received_at if event.data.asked else event.data.created_at,
        "data": data_of(event).decode(),
    }


def _blanking(document: Mapping[str, Any]) -> UpdateOne:
    blank = blanked(ResponseGenerated.model_validate_json(document["data"]))
    left = {"data": blank.model_dump_json(), "seals": [], "erased": True}
    return UpdateOne({"_id": document["_id"]}, {"$set": left, "$unset": {"customer_key": ""}})


def _kept(document: Mapping[str, Any]) -> Kept:
    event = Event(
        document["event_id"],
        document["source"],
        datetime.fromisoformat(document["time"]),
        document["traceparent"],
        ResponseGenerated.model_validate_json(document["data"]),
        written=document["data"].encode(),
    )
    # Documents of before 2026-11-26 have neither.
    return Kept(
        event,
        document.get("turn", 1),
        tuple(document.get("seals", ())),
        document.get("erased", False),
    )
