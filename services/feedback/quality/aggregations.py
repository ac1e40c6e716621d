"""The aggregations behind the figures, in MongoDB's language.

A document of `outcomes` is a response; `documents.outcome_document` says what is in it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from services.feedback.domain.history import AUTOMATIC, RESOLVING
from services.feedback.domain.quality import Dimension
from services.feedback.quality.ports import ALL, Period

Pipeline = list[Mapping[str, Any]]

DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
VALUE: Mapping[Dimension | None, Any] = {
    None: {"$literal": ALL},
    "day": {"$dateToString": {"format": "%Y-%m-%d", "date": "$created_at"}},
    "intent": "$intent",
    "language": "$language",
    "channel": "$channel",
    "decision": "$decision",
    "model": "$model_version",
    "policy": "$policy_version",
}
TOKENS: Mapping[str, Any] = {
    "$max": [
        {"$ifNull": ["$cost.llm_tokens", 0]},
        {"$add": [{"$ifNull": [f"$cost.llm_tokens_{way}", 0]} for way in ("in", "out")]},
    ]
}
"""Writers tell their tokens in one number, or by direction and leave the one number at zero."""


def counted(period: Period, by: Dimension) -> Pipeline:
    """One row for each combination that `Group` tells apart."""
    key = {
        "value": VALUE[by],
        "decision": "$decision",
        "verdict": "$verdict",
        "settled": {"$lte": ["$created_at", period.settled]},
        "bucket": "$bucket",
    }
    sums = {
        "responses": 1,
        "ratings": "$ratings",
        "stars": "$stars",
        "satisfied": "$satisfied",
        "reviews": is_there("$review"),
        "approved": one_if({"$eq": ["$review", "approved"]}),
        "compared": is_there("$edit_distance"),
        "edit_distance": "$edit_distance",
        "resolved": one_if("$resolved"),
        "encoder_passes": "$cost.encoder_passes",
        "llm_tokens": TOKENS,
        "stars_squared": product("$stars", "$stars"),
        "edit_distance_squared": product("$edit_distance", "$edit_distance"),
    }
    summed = {name: {"$sum": value} for name, value in sums.items()}
    return [since(period), {"$group": {"_id": key, **summed}}]


def contact_rates(period: Period, by: Dimension | None) -> Pipeline:
    """One row for each value: its customers, what they wrote, and who wrote more than once.

    Nobody is counted twice, so those of all values are no sum: without a dimension `ALL` has them.
    """
    contacts = {"is_contact": True, "customer_key": {"$exists": True}}
    each = {"_id": {"value": VALUE[by], "customer": "$customer_key"}, "contacts": {"$sum": 1}}
    return [
        since(period, **contacts),
        {"$group": each},
        {
            "$group": {
                "_id": "$_id.value",
                "customers": {"$sum": 1},
                "contacts": {"$sum": "$contacts"},
                "returning": {"$sum": one_if({"$gt": ["$contacts", 1]})},
                "contacts_squared": {"$sum": product("$contacts", "$contacts")},
            }
        },
    ]


def reasons(period: Period, by: Dimension, decisions: Sequence[str]) -> Pipeline:
    """One row for each value and reason of the replies with such a decision."""
    return [
        since(period, decision={"$in": list(decisions)}),
        {"$unwind": "$reasons"},
        {"$group": {"_id": {"value": VALUE[by], "reason": "$reasons"}, "count": {"$sum": 1}}},
    ]


def since(period: Period, **also: Any) -> Mapping[str, Any]:
    """The responses of the period, of which all of `also` holds."""
    return {"$match": {"created_at": {"$gte": period.since}, **also}}


def one_if(condition: Any) -> Mapping[str, Any]:
    """1 or 0."""
    return {"$cond": [condition, 1, 0]}


def product(one: str, other: str) -> Mapping[str, Any]:
    """Nothing times anything is nothing, which a sum leaves out."""
    return {"$multiply": [one, other]}


def is_there(path: str) -> Mapping[str, Any]:
    """Nothing sorts before every value there is."""
    return one_if({"$gt": [path, None]})


def replies_for_each_judged() -> Pipeline:
    """By intent and whether they are drafts: all `replies` that could be judged, and those that
    were, where any was."""
    return [
        {"$match": {"decision": {"$in": [*AUTOMATIC, "draft"]}}},
        {
            "$group": {
                "_id": {"intent": "$intent", "draft": {"$eq": ["$decision", "draft"]}},
                "replies": {"$sum": 1},
                "judged": {"$sum": {"$cond": ["$judged", 1, 0]}},
            }
        },
        {"$match": {"judged": {"$gt": 0}}},
    ]


def labelled(model: str) -> Pipeline:
    """Of a model's messages that agents labelled, those it read right and those it did not."""
    right = {"$eq": ["$read_right", True]}
    return [
        {"$match": {"model_version": model, "read_right": {"$exists": True}}},
        {
            "$group": {
                "_id": "labels",
                "good": {"$sum": one_if(right)},
                "bad": {"$sum": one_if({"$not": [right]})},
            }
        },
    ]


def tallies(model: str, settled: datetime) -> Pipeline:
    """Of a model's replies, the good and the bad ones by measure: drafts as reviewed, answers and
    actions made until `settled` as judged."""

    def counted(condition: Any) -> Mapping[str, Any]:
        return {"$sum": {"$cond": [condition, 1, 0]}}

    drafted = {"$eq": ["$decision", "draft"]}
    reviewed = {"decision": "draft", "review": {"$exists": True}}
    judged = {
        "decision": {"$in": list(RESOLVING)},
        "verdict": {"$in": ["good", "bad"]},
        "created_at": {"$lte": settled},
    }
    bad = {"$cond": [drafted, {"$eq": ["$review", "rejected"]}, {"$eq": ["$verdict", "bad"]}]}
    return [
        {"$match": {"model_version": model, "$or": [reviewed, judged]}},
        {
            "$group": {
                "_id": {"$cond": [drafted, "acceptance", "verified_resolution"]},
                "bad": counted(bad),
                "good": counted({"$not": [bad]}),
            }
        },
    ]
