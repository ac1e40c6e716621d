"""Messages in MongoDB."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import DESCENDING, UpdateOne

from services.feedback.domain.choosing.sample import Logged
from services.feedback.domain.definitions import WINDOW
from services.feedback.domain.insight.message import Message
from services.feedback.domain.verdicts import Verdict
from services.feedback.messages.documents import (
    CONTENTS,
    Document,
    label_document,
    message_fields,
    message_of,
    response_key,
)
from services.feedback.messages.learnable import Learnable, learnable
from services.feedback.upserts import upsert
from shared.envelope import Event
from shared.erasing import Erasure
from shared.events import LabelCorrected, ResponseGenerated
from shared.mongo import Expiry, Mongo, duplicates_ignored, failures_named

REWARD: Mapping[Verdict, float] = {"good": 1.0, "unknown": 0.5, "bad": 0.0}
"""What a reply was worth; of silence nothing is known, and of a draft that an agent changed it is
what they left of it."""


class MongoMessages:
    """`messages`: one document per message that was responded to; `labels`: one per correction.

    Both expire, `kept` is how long after they were last written.
    """

    def __init__(self, mongo: Mongo, kept: timedelta) -> None:
        self._messages = mongo.database["messages"]
        self._labels = mongo.database["labels"]
        self._outcomes = mongo.database["outcomes"]
        self._expiry = Expiry(kept)

    async def create_indexes(self) -> None:
        """Raises TemporaryError."""
        for collection in (self._messages, self._labels):
            with failures_named():
                await collection.create_index([("at", DESCENDING)])
            await self._expiry.create_index(collection)
        with failures_named():
            await self._messages.create_index("customer_key")

    async def keep(self, events: Sequence[Event[Any]]) -> None:
        """What these events tell of messages, in one write each kind. Raises TemporaryError."""
        # A draft and what was made of it may come in one wave, and are about one message.
        fields: dict[str, Document] = defaultdict(dict)
        for event in events:
            if isinstance(event.data, ResponseGenerated):
                key = response_key(event.data.reviewed or event.data.response_id)
                fields[key] |= message_fields(event.data)
        stamp = self._expiry.stamp()
        labels = [label_document(event) | stamp for event in events if _is_label(event)]
        writes = [
            UpdateOne({"_id": key}, {"$set": told | stamp}, upsert=True)
            for key, told in fields.items()
            if told
        ]
        await upsert(self._messages, writes)
        if labels:
            with failures_named(), duplicates_ignored():
                await self._labels.insert_many(labels, ordered=False)

    async def forget(self, erasure: Erasure) -> None:
        """Delete what the customer wrote until then. Raises TemporaryError."""
        theirs = {"customer_key": erasure.customer_key, "at": {"$lte": erasure.requested_at}}
        with failures_named():
            await self._messages.delete_many(theirs)

    async def messages(self, since: datetime) -> AsyncIterator[Message]:
        """All that came since then, with what became of them; vectors of another encoder than the
        one of most are None. Raises TemporaryError."""
        async for message in self._told(since, {}):
            yield message

    async def outlines(self, since: datetime) -> AsyncIterator[Message]:
        """The same without what they say. Raises TemporaryError."""
        async for message in self._told(since, dict.fromkeys(CONTENTS, 0)):
            yield message

    async def _told(self, since: datetime, projection: Document) -> AsyncIterator[Message]:
        with failures_named():
            judged = {"contacted_at": {"$gte": since}, "verdict": {"$ne": "unknown"}}
            outcomes = self._outcomes.find(judged, {"verdict": 1})
            verdicts: dict[str, Verdict] = {one["_id"]: one["verdict"] async for one in outcomes}
            encoder = await self._usual_encoder(since)
            found = self._messages.find({"at": {"$gte": since}}, projection or None)
            async for one in found:
                yield message_of(one, verdicts.get(one["_id"], "unknown"), encoder)

    async def _usual_encoder(self, since: datetime) -> str | None:
        """That of most messages; of two as usual, the one whose name comes first."""
        pipeline: list[Mapping[str, Any]] = [
            {"$match": {"at": {"$gte": since}, "encoder": {"$exists": True}}},
            {"$group": {"_id": "$encoder", "messages": {"$sum": 1}}},
        ]
        counts = {one["_id"]: one["messages"] async for one in self._messages.aggregate(pipeline)}
        return min(counts, key=lambda name: (-counts[name], name), default=None)

    async def learnable(self, most: int = 50_000) -> Learnable:
        """The newest messages with what was said of them. Raises TemporaryError."""
        with failures_named():
            newest = self._messages.find({"text": {"$exists": True}}).sort("at", -1).limit(most)
            documents = await newest.to_list(None)
            since = documents[-1]["at"] if documents else datetime.now(UTC)
            labels = await self._labels.find({"at": {"$gte": since}}).to_list(None)
            good = {"verdict": "good", "judged": True, "created_at": {"$gte": since}}
            found = self._outcomes.find(good, {"created_at": 1})
            confirmed = {one["_id"]: one["created_at"] async for one in found}
        return learnable(documents, labels, confirmed)


class MongoChoices:
    """What was left to chance in `messages`, and what came of it in `outcomes`; `ChoiceLogs`."""

    def __init__(self, mongo: Mongo, now: Callable[[], datetime]) -> None:
        self._messages = mongo.database["messages"]
        self._outcomes = mongo.database["outcomes"]
        self._now = now

    async def logged(self, slot: str) -> Sequence[Logged]:
        """Of replies whose customers have had their time to react; silence lies between."""
        wanted = {"choices.0": {"$exists": True}, "at": {"$lt": self._now() - WINDOW}}
        with failures_named():
            found = self._messages.find(wanted, {"choices": 1, "at": 1})
            documents = await found.sort([("at", 1), ("_id", 1)]).to_list(None)
            keys = [one["_id"] for one in documents]
            judged = self._outcomes.find({"_id": {"$in": keys}}, {"verdict": 1, "edit_distance": 1})
            rewards = {one["_id"]: _reward(one) async for one in judged}
        return [
            Logged(name, context, option, share, rewards.get(one["_id"], REWARD["unknown"]), day)
            for one in documents
            for name, context, option, share in one["choices"]
            for day in (one["at"].date().toordinal(),)
            if name == slot
        ]


class MongoTrainings:
    """`trainings`: a document for each time the classifier was trained again; `looks`: one of what
    the last look for a reason to train found."""

    def __init__(self, mongo: Mongo) -> None:
        self._trainings = mongo.database["trainings"]
        self._looks = mongo.database["looks"]

    async def last(self) -> datetime | None:
        """When the last one began; None before the first. Raises TemporaryError."""
        with failures_named():
            found = await self._trainings.find_one(sort=[("_id", -1)])
        began: datetime | None = found["_id"] if found else None
        return began

    async def add(self, began: datetime, verdict: Mapping[str, Any]) -> None:
        """Raises TemporaryError."""
        with failures_named():
            await self._trainings.insert_one({"_id": began, "verdict": dict(verdict)})

    async def looked(self, at: datetime, drifted: Collection[str]) -> None:
        """Remember the tests that found drift. Raises TemporaryError."""
        with failures_named():
            await self._looks.replace_one(
                {"_id": "drift"}, {"at": at, "drifted": list(drifted)}, upsert=True
            )

    async def drifted(self) -> Collection[str]:
        """Those tests. Raises TemporaryError."""
        with failures_named():
            found = await self._looks.find_one({"_id": "drift"})
        kinds: list[str] = found["drifted"] if found else []
        return kinds


def _reward(outcome: Mapping[str, Any]) -> float:
    if "edit_distance" in outcome:
        return 1.0 - float(outcome["edit_distance"])
    return REWARD[outcome["verdict"]]


def _is_label(event: Event[Any]) -> bool:
    return isinstance(event.data, LabelCorrected) and event.data.intent is not None
