"""Generate's database: responses, and what is in force."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import BulkWriteError

from services.generate.ports import Stored
from shared.envelope import Event
from shared.events import KnowledgeUpdated, PolicyUpdated, ResponseGenerated
from shared.mongo import Mongo, duplicates_ignored, failures_named


class MongoResponses:
    """`responses`: one document a response, `_id` its id, the event as text.

    Text, because what is published again must be the same to the byte, and a database's own dates
    and numbers are not.
    """

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.database["responses"]

    async def find(self, response_ids: Sequence[str]) -> Stored:
        if not response_ids:
            return {}
        with failures_named():
            found = self._collection.find({"_id": {"$in": list(response_ids)}})
            documents: list[dict[str, Any]] = await found.to_list(None)
        return {document["_id"]: _event(document) for document in documents}

    async def keep(self, responses: Sequence[Event[ResponseGenerated]]) -> Stored:
        mine = {response.data.response_id: response for response in responses}
        if not mine:
            return {}
        try:
            with failures_named():
                await self._collection.insert_many(
                    [_document(response) for response in mine.values()], ordered=False
                )
        except BulkWriteError as error:
            with duplicates_ignored():
                raise error  # passes on whatever is no duplicate
            # Another process was first with some of them: its word counts.
            return mine | dict(await self.find(list(mine)))
        return mine


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


def _document(event: Event[ResponseGenerated]) -> dict[str, Any]:
    return {
        "_id": event.data.response_id,
        "ticket_id": event.data.ticket_id,
        "event_id": event.id,
        "source": event.source,
        "time": event.time.isoformat(),
        "traceparent": event.traceparent,
        "data": event.data.model_dump_json(exclude_none=True),
    }


def _event(document: dict[str, Any]) -> Event[ResponseGenerated]:
    return Event(
        document["event_id"],
        document["source"],
        datetime.fromisoformat(document["time"]),
        document["traceparent"],
        ResponseGenerated.model_validate_json(document["data"]),
    )
