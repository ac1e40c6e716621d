"""Histories and outcomes in MongoDB."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReplaceOne, UpdateOne

from services.feedback.documents import (
    Document,
    contact_of,
    effort_of,
    history_fields,
    history_of,
    observation_of,
    outcome_document,
    personal_fields,
    waiting_document,
)
from services.feedback.domain.contacts import Contact
from services.feedback.domain.definitions import WINDOW
from services.feedback.domain.efficiency import Effort
from services.feedback.domain.history import WAITING, TicketHistory
from services.feedback.domain.learning.watch import Measure, Tally
from services.feedback.domain.policy import Kind, Observation
from services.feedback.domain.quality import Contacts, Dimension, Group
from services.feedback.domain.savings import Waits
from services.feedback.domain.verdicts import JudgedResponse, Waiting
from services.feedback.erasing import Place
from services.feedback.promotions import Promotion
from services.feedback.quality import aggregations, efficiency
from services.feedback.quality.ports import Period
from services.feedback.retention import KEPT
from services.feedback.upserts import upsert
from shared.erasing import Erasure
from shared.mongo import Expiry, Mongo, duplicates_ignored, failures_named


class MongoHistories:
    """`tickets`: one document per ticket, with `responses.<key>` and `signals.<key>`; it
    expires."""

    def __init__(self, mongo: Mongo, kept: timedelta = KEPT) -> None:
        self._tickets = mongo.database["tickets"]
        self._expiry = Expiry(kept)

    async def add(self, told: Sequence[TicketHistory]) -> None:
        stamp = self._expiry.stamp()
        writes: list[UpdateOne] = [
            UpdateOne({"_id": one.ticket_id}, {"$set": history_fields(one) | stamp}, upsert=True)
            for one in told
            if one.facts
        ]
        await upsert(self._tickets, writes)

    async def load(self, ticket_ids: Iterable[str]) -> Sequence[TicketHistory]:
        with failures_named():
            found = self._tickets.find({"_id": {"$in": list(ticket_ids)}})
            return [history_of(document) async for document in found]

    async def create_indexes(self) -> None:
        with failures_named():
            await self._tickets.create_index("customer_key")
        await self._expiry.create_index(self._tickets)

    async def of_customer(self, erasure: Erasure) -> Sequence[Place]:
        with failures_named():
            found = await self._tickets.find({"customer_key": erasure.customer_key}).to_list(None)
        return [
            Place(key, history.ticket_id)
            for history in map(history_of, found)
            for key, response in history.responses.items()
            if response.customer_key == erasure.customer_key
            and response.contacted_at <= erasure.requested_at
        ]

    async def forget(self, places: Sequence[Place]) -> None:
        keys: defaultdict[str, set[str]] = defaultdict(set)
        for place in places:
            keys[place.ticket_id].add(place.key)
        with failures_named():
            found = await self._tickets.find({"_id": {"$in": list(keys)}}).to_list(None)
            gone = {one["_id"]: personal_fields(one, keys[one["_id"]]) for one in found}
            writes = [UpdateOne({"_id": key}, {"$unset": fields}) for key, fields in gone.items()]
            if writes:
                await self._tickets.bulk_write(writes, ordered=False)


class MongoOutcomes:
    """`outcomes`: one document per response, made from its ticket's history; `waiting`: one per
    ticket of which anything was said. Both expire."""

    def __init__(self, mongo: Mongo, kept: timedelta = KEPT) -> None:
        self._outcomes = mongo.database["outcomes"]
        self._waiting = mongo.database["waiting"]
        self._expiry = Expiry(kept)

    async def create_indexes(self) -> None:
        newest = [("judged", ASCENDING), ("intent", ASCENDING), ("created_at", DESCENDING)]
        with failures_named():
            await self._outcomes.create_index(newest)
            await self._outcomes.create_index("created_at")
            await self._outcomes.create_index([("customer_key", 1), ("created_at", 1)])
            await self._waiting.create_index("said_at")
        for collection in (self._outcomes, self._waiting):
            await self._expiry.create_index(collection)

    async def save(self, judged: Sequence[JudgedResponse], waiting: Sequence[Waiting] = ()) -> None:
        stamp = self._expiry.stamp()
        with failures_named():
            await asyncio.gather(
                _replace(self._outcomes, [outcome_document(one) | stamp for one in judged]),
                _replace(self._waiting, [waiting_document(one) | stamp for one in waiting]),
            )

    async def forget(self, keys: Sequence[str]) -> None:
        # How much of a draft was changed is measured by texts that are gone now.
        gone = {"customer_key": "", "edit_distance": ""}
        with failures_named():
            await self._outcomes.update_many({"_id": {"$in": list(keys)}}, {"$unset": gone})

    async def contacts(self, near: Collection[Contact]) -> Sequence[Contact]:
        wanted = {
            "customer_key": {"$in": sorted({one.customer_key for one in near})},
            "intent": {"$in": sorted({one.intent for one in near})},
            "created_at": {"$gte": min(one.contacted_at for one in near) - WINDOW},
            "contacted_at": {"$lte": max(one.replied_at for one in near) + WINDOW},
        }
        names = ("ticket_id", "customer_key", "intent", "contacted_at", "created_at", "decision")
        with failures_named():
            found = self._outcomes.find(wanted, dict.fromkeys(names, 1))
            return [contact_of(outcome) async for outcome in found]

    async def evidence(self, newest: int, settled: datetime) -> Mapping[str, Sequence[Observation]]:
        weights: defaultdict[str, dict[Kind, float]] = defaultdict(dict)
        for row in await self._aggregated(aggregations.replies_for_each_judged()):
            kind: Kind = "draft" if row["_id"]["draft"] else "automatic"
            weights[row["_id"]["intent"]][kind] = row["replies"] / row["judged"]
        with failures_named():
            return {
                intent: [
                    observed
                    for made in ({"$gt": settled}, {"$lte": settled})
                    for observed in await self._newest(intent, made, newest, weights[intent])
                ]
                for intent in sorted(weights)
            }

    async def _newest(
        self, intent: str, made: Mapping[str, datetime], most: int, weights: Mapping[Kind, float]
    ) -> Sequence[Observation]:
        names = ("confidence", "verdict", "decision", "edit_distance", "created_at")
        wanted = {"judged": True, "intent": intent, "created_at": made}
        found = self._outcomes.find(wanted, dict.fromkeys(names, 1))
        newest = found.sort([("created_at", DESCENDING), ("_id", ASCENDING)]).limit(most)
        # One of a kind that has just been judged for the first time stands for itself.
        known = {"automatic": 1.0, "draft": 1.0, **weights}
        return [observation_of(outcome, known) async for outcome in newest]

    async def tallies(self, model: str, settled: datetime) -> Mapping[Measure, Tally]:
        rows = [
            *await self._aggregated(aggregations.tallies(model, settled)),
            *await self._aggregated(aggregations.labelled(model)),
        ]
        return {row["_id"]: Tally(row["good"], row["bad"]) for row in rows}

    async def counted(self, period: Period, by: Dimension) -> Sequence[Group]:
        rows = await self._aggregated(aggregations.counted(period, by))
        return [Group(**row.pop("_id"), **row) for row in rows]

    async def contact_rates(self, period: Period, by: Dimension | None) -> Mapping[str, Contacts]:
        rows = await self._aggregated(aggregations.contact_rates(period, by))
        return {row.pop("_id"): Contacts(**row) for row in rows}

    async def escalation_reasons(
        self, period: Period, by: Dimension
    ) -> Mapping[str, Mapping[str, int]]:
        return await self._by_value("reason", aggregations.reasons(period, by, ["escalate"]))

    async def efforts(self, period: Period, by: Dimension | None) -> Mapping[str, Effort]:
        rows = await self._aggregated(efficiency.efforts(period, by))
        return {row["_id"]: effort_of(row) for row in rows}

    async def waits_for_people(self, period: Period) -> Sequence[Waits]:
        reasons = await self._by_value("reason", aggregations.reasons(period, "intent", WAITING))
        times = await self._by_value("bucket", efficiency.ended_waits(period))
        return [
            Waits(
                row["_id"],
                row["replies"],
                row["waited"],
                reasons.get(row["_id"], {}),
                {int(bucket): count for bucket, count in times.get(row["_id"], {}).items()},
            )
            for row in await self._aggregated(efficiency.waiting_replies(period))
        ]

    async def _by_value(
        self, name: str, pipeline: aggregations.Pipeline
    ) -> Mapping[str, Mapping[Any, int]]:
        found: dict[str, dict[Any, int]] = {}
        for row in await self._aggregated(pipeline):
            found.setdefault(row["_id"]["value"], {})[row["_id"][name]] = row["count"]
        return found

    async def waiting(self, since: datetime) -> Sequence[datetime]:
        with failures_named():
            found = self._waiting.find({"said_at": {"$gte": since}}, {"said_at": 1})
            said = [moment async for one in found for moment in one["said_at"]]
        return [moment for moment in said if moment >= since]

    async def _aggregated(self, pipeline: aggregations.Pipeline) -> Sequence[Document]:
        with failures_named():
            return [row async for row in self._outcomes.aggregate(pipeline)]


class MongoPromotions:
    """`promotions`: one document per event that put an artifact in force."""

    def __init__(self, mongo: Mongo) -> None:
        self._promotions = mongo.database["promotions"]

    async def keep(self, promotions: Sequence[Promotion]) -> None:
        documents = [
            {
                "_id": one.event_id,
                "name": one.name,
                "version": one.version,
                "previous": one.previous,
                "promoted_at": one.promoted_at,
            }
            for one in promotions
        ]
        with failures_named(), duplicates_ignored():
            await self._promotions.insert_many(documents, ordered=False)

    async def latest(self, name: str) -> Promotion | None:
        with failures_named():
            found = await self._promotions.find_one(
                {"name": name}, sort=[("promoted_at", DESCENDING), ("_id", ASCENDING)]
            )
        return Promotion(found.pop("_id"), **found) if found else None


async def _replace(collection: Any, documents: Sequence[Document]) -> None:
    """Store the documents that reflect more facts than what is there, in one write."""
    # Where as many facts are reflected already the filter finds nothing and the insert that
    # follows from `upsert` is refused: a late or repeated judgement changes nothing.
    writes: list[ReplaceOne[Document]] = [
        ReplaceOne({"_id": one["_id"], "facts": {"$lt": one["facts"]}}, one, upsert=True)
        for one in documents
    ]
    if writes:
        with duplicates_ignored():
            await collection.bulk_write(writes, ordered=False)
