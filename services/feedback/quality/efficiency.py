"""The aggregations behind time and cost, in MongoDB's language; as `aggregations` otherwise."""

import math
from typing import Any

from services.feedback.domain.definitions import EXPLICIT
from services.feedback.domain.history import STEPS, WAITING
from services.feedback.domain.quality import BASE, Dimension
from services.feedback.quality.aggregations import (
    TOKENS,
    VALUE,
    Pipeline,
    is_there,
    one_if,
    product,
    since,
)
from services.feedback.quality.ports import Period


def efforts(period: Period, by: Dimension | None) -> Pipeline:
    """One row for each value, named as `documents.effort_of` reads it: a ticket is a case."""
    each = {
        "replies": 1,
        "timed": is_there("$total_ms"),
        "time": "$total_ms",
        "passes": "$cost.encoder_passes",
        "tokens": TOKENS,
        "price": "$cost.llm_cost",
        "resolved": one_if("$resolved"),
        **{step: f"$steps.{step}" for step in STEPS},
    }
    known = {
        "time": {"$cond": [{"$eq": ["$timed", "$replies"]}, "$time", None]},
        "steps": {"$add": [f"${step}" for step in STEPS]},
    }
    summed = ("time", "passes", "tokens", "price", "resolved", "steps", *STEPS)
    multiplied = [("passes", "resolved"), ("tokens", "resolved")]
    multiplied += [(step, "steps") for step in STEPS]
    sums: dict[str, Any] = {
        "tickets": 1,
        "replies": "$replies",
        "timed": is_there("$time"),
        "stepped": one_if({"$gt": ["$steps", 0]}),
        **{name: f"${name}" for name in summed},
        **{f"{name}_squared": product(f"${name}", f"${name}") for name in summed},
        **{f"{one}_by_{other}": product(f"${one}", f"${other}") for one, other in multiplied},
    }
    ticket = {"value": VALUE[by], "ticket": "$ticket_id"}
    return [
        since(period),
        {"$group": {"_id": ticket, **{name: {"$sum": each[name]} for name in each}}},
        {"$set": known},
        {"$group": {"_id": "$_id.value", **{name: {"$sum": sums[name]} for name in sums}}},
    ]


def waiting_replies(period: Period) -> Pipeline:
    """One row for each intent: its replies, and those that waited for a person."""
    waited = one_if({"$in": ["$decision", list(WAITING)]})
    sums = {"replies": {"$sum": 1}, "waited": {"$sum": waited}}
    return [since(period), {"$group": {"_id": "$intent", **sums}}]


def ended_waits(period: Period) -> Pipeline:
    """One row for each intent and bucket of the milliseconds until a person was done.

    What ends a wait stands in the tickets' signals, where later ones need no new outcome.
    """
    of_reply = [
        {"$in": ["$$signal.v.kind", ["reviewed", "sent"]]},
        {"$eq": ["$$signal.v.response", "$_id"]},
    ]
    closed = [
        {"$eq": ["$$signal.v.kind", "resolved"]},
        {"$in": ["$$signal.v.value", list(EXPLICIT)]},
        {"$gte": ["$$signal.v.occurred_at", "$created_at"]},
    ]
    ending = {
        "input": {"$objectToArray": "$ticket.signals"},
        "as": "signal",
        "cond": {"$or": [{"$and": of_reply}, {"$and": closed}]},
    }
    moments = {"input": {"$filter": ending}, "as": "signal", "in": "$$signal.v.occurred_at"}
    waited = {"$max": [{"$subtract": ["$done", "$created_at"]}, 1]}
    bucket = {"$floor": {"$divide": [{"$ln": waited}, math.log(BASE)]}}
    return [
        since(period, decision={"$in": list(WAITING)}),
        {
            "$lookup": {
                "from": "tickets",
                "localField": "ticket_id",
                "foreignField": "_id",
                "as": "ticket",
            }
        },
        {"$unwind": "$ticket"},
        {"$match": {"ticket.signals": {"$exists": True}}},
        {"$set": {"done": {"$min": {"$map": moments}}}},
        {"$match": {"done": {"$type": "date"}}},
        {"$group": {"_id": {"value": "$intent", "bucket": bucket}, "count": {"$sum": 1}}},
    ]
