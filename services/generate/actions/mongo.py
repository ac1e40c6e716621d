"""What became of actions, in generate's database: the result of every order, and the steps a
ticket took towards one.

Neither holds an original of personal data: arguments and results have placeholders, and a step
keeps the `sealed` texts of the messages that told its arguments as they came.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from services.generate.actions.executor import Stored
from services.generate.domain.actions.orders import (
    NOT_SENT,
    OUTCOME,
    UNKNOWN,
    Order,
    Result,
    Step,
)
from services.generate.retention import KEPT
from shared.mongo import Expiry, Mongo, duplicates_ignored, failures_named

NO_RESULT = {"result": {"$exists": False}}


class MongoResults:
    """`action_results`: a document for each idempotency key. `begun` counts how often it was about
    to be sent, `result` is what became of it and never changes. None
    expires: what was carried out must not be a second time, however late it is asked again."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.database["action_results"]

    async def find(self, keys: Sequence[str]) -> Stored:
        if not keys:
            return {}
        with failures_named():
            found = self._collection.find({"_id": {"$in": list(keys)}, "result": {"$exists": True}})
            documents: list[dict[str, Any]] = await found.to_list(None)
        return {document["_id"]: _result(document) for document in documents}

    async def begin(self, orders: Sequence[Order]) -> Stored:
        notes = [
            UpdateOne({"_id": order.key, **NO_RESULT}, _beginning(order), upsert=True)
            for order in orders
        ]
        if not notes:
            return {}
        try:
            with failures_named():
                await self._collection.bulk_write(notes, ordered=False)
        except BulkWriteError as error:
            with duplicates_ignored():
                raise error  # passes on whatever is no duplicate
            # What has a result does not match, and the insert it then tries is refused; so is that
            # of two processes at once. Only the latter have none, and are noted now.
            finals = await self.find([order.key for order in orders])
            raced = [order for order in orders if order.key not in finals]
            return finals | dict(await self._note_again(raced, error))
        return {}

    async def finish(self, orders: Sequence[Order], results: Stored) -> Stored:
        writes = [write for order in orders for write in _writes(order, results[order.key])]
        if not writes:
            return {}
        with failures_named():
            await self._collection.bulk_write(writes, ordered=True)
        return await self.find([order.key for order in orders])

    async def forget(self, customer_key: str, ticket_ids: Sequence[str]) -> None:
        """Keep of the customer's actions in these tickets only that they were carried out, so that
        none is a second time. The company's system still knows what it did."""
        theirs = {"customer_key": customer_key, "ticket_id": {"$in": list(ticket_ids)}}
        with failures_named():
            done = {**theirs, "result": {"$exists": True}}
            await self._collection.update_many(done, {"$set": {"result.fields": []}})
            await self._collection.update_many(theirs, {"$unset": {"customer_key": ""}})

    async def create_indexes(self) -> None:
        with failures_named():
            await self._collection.create_index("customer_key")

    async def _note_again(self, orders: Sequence[Order], error: BulkWriteError) -> Stored:
        """Of the orders whose note was refused though they have no result."""
        refused = {problem["op"]["q"]["_id"] for problem in error.details["writeErrors"]}
        return await self.begin([order for order in orders if order.key in refused])


class MongoSteps:
    """`action_steps`: a document for each response that an action had a part in; it expires."""

    def __init__(self, mongo: Mongo, kept: timedelta = KEPT) -> None:
        self._collection = mongo.database["action_steps"]
        self._expiry = Expiry(kept)

    async def before(self, turns: Mapping[str, int]) -> Mapping[str, tuple[Step, ...]]:
        """The steps of each ticket before this turn of it, in order."""
        if not turns:
            return {}
        earlier = [
            {"ticket_id": ticket_id, "turn": {"$lt": turn}} for ticket_id, turn in turns.items()
        ]
        with failures_named():
            found = self._collection.find({"$or": earlier}).sort("turn", 1)
            documents: list[dict[str, Any]] = await found.to_list(None)
        steps: dict[str, tuple[Step, ...]] = dict.fromkeys(turns, ())
        for document in documents:
            steps[document["ticket_id"]] += (_step(document),)
        return steps

    async def of(self, response_ids: Sequence[str]) -> Mapping[str, Step]:
        """The steps of these responses, by response id: what a review is about."""
        if not response_ids:
            return {}
        with failures_named():
            found = self._collection.find({"_id": {"$in": list(response_ids)}})
            documents: list[dict[str, Any]] = await found.to_list(None)
        return {document["_id"]: _step(document) for document in documents}

    async def keep(self, steps: Sequence[Step]) -> None:
        """Store those that are not there yet."""
        if not steps:
            return
        documents = [_document(step) | self._expiry.stamp() for step in steps]
        with failures_named(), duplicates_ignored():
            await self._collection.insert_many(documents, ordered=False)

    async def forget(self, response_ids: Sequence[str]) -> None:
        """Keep of these only that something was done, or may be, once approved. Questions under way
        lead nowhere any more."""
        theirs: dict[str, Any] = {"_id": {"$in": list(response_ids)}}
        nothing = {"arguments": {}, "asked": [], "seals": [], "erased": True}
        with failures_named():
            await self._collection.delete_many({**theirs, "status": "asking"})
            await self._collection.update_many(
                theirs, {"$set": nothing, "$unset": {"customer_key": ""}}
            )

    async def create_indexes(self) -> None:
        with failures_named():
            await self._collection.create_index([("ticket_id", 1), ("turn", 1)])
        await self._expiry.create_index(self._collection)


def _beginning(order: Order) -> dict[str, Any]:
    about = {
        "action": order.action,
        "ticket_id": order.ticket_id,
        "customer_key": order.customer_key,
    }
    return {"$inc": {"begun": 1}, "$setOnInsert": about}


def _writes(order: Order, result: Result) -> list[UpdateOne]:
    """The result as it is; of a failure that nobody else may have had a hand in that, too."""
    fields = dict(result.fields)
    told = UpdateOne({"_id": order.key, **NO_RESULT}, _set(result.status, fields))
    if result.status != "failed" or fields.get(OUTCOME) != NOT_SENT or order.reads_only:
        return [told]
    alone = UpdateOne({"_id": order.key, "begun": 1, **NO_RESULT}, _set("failed", fields))
    unsure = _set("failed", {**fields, OUTCOME: UNKNOWN})
    return [alone, UpdateOne({"_id": order.key, **NO_RESULT}, unsure)]


def _set(status: str, fields: Mapping[str, str]) -> dict[str, Any]:
    # As pairs, for the names are the company's own.
    return {"$set": {"result": {"status": status, "fields": list(map(list, fields.items()))}}}


def _result(document: Mapping[str, Any]) -> Result:
    stored = document["result"]
    return Result(
        document["_id"], stored["status"], {name: value for name, value in stored["fields"]}
    )


def _document(step: Step) -> dict[str, Any]:
    return {
        "_id": step.response_id,
        "key": step.key,
        "ticket_id": step.ticket_id,
        "message_id": step.message_id,
        "turn": step.turn,
        "action": step.action,
        "arguments": dict(step.arguments),
        "status": step.status,
        "asked": list(step.asked),
        "outcome": step.outcome,
        "seals": list(step.seals),
        "identity": step.identity,
        "customer_key": step.customer_key,
    }


def _step(document: Mapping[str, Any]) -> Step:
    about = {"_id", "expires_at"}
    stored = {name: value for name, value in document.items() if name not in about}
    stored["asked"], stored["seals"] = tuple(stored["asked"]), tuple(stored["seals"])
    return Step(response_id=document["_id"], **stored)
