"""Policies as documents of the database.

Intents are values, not keys: they may hold dots. Fields that came later have defaults, so policies
of earlier days still read.
"""

from collections.abc import Mapping
from typing import Any

from services.feedback.domain.choosing.weights import Weights
from services.feedback.domain.policy import Count, Decided, Promise, Restart, Tuning

Document = dict[str, Any]


def policy_document(decided: Decided) -> Document:
    """A policy that is not published yet."""
    tuning, promise = decided.tuning, decided.promise
    return {
        "_id": decided.version,
        "default_threshold": tuning.default_threshold,
        "thresholds": [[intent, value] for intent, value in tuning.thresholds.items()],
        "reasons": [[intent, reason] for intent, reason in tuning.reasons.items()],
        "counts": [[intent, count.good, count.bad] for intent, count in tuning.counts.items()],
        "restarts": [
            [intent, restart.at, restart.number, restart.threshold]
            for intent, restart in tuning.restarts.items()
        ],
        "pinned": sorted(tuning.pinned),
        "all_pinned": tuning.all_pinned,
        "choices": [
            [one.slot, one.context, list(map(list, one.probabilities.items()))]
            for one in tuning.choices
        ],
        "promise": {
            "alpha": promise.alpha,
            "delta": promise.delta,
            "default_threshold": promise.default_threshold,
            "alphas": [[intent, alpha] for intent, alpha in promise.alphas.items()],
            "intents": promise.intents,
            "replies": promise.replies,
        },
        "decided_at": decided.decided_at,
        "published": False,
    }


def policy_of(document: Mapping[str, Any]) -> Decided:
    """The policy in a document."""
    tuning = Tuning(
        default_threshold=document["default_threshold"],
        thresholds=dict(document["thresholds"]),
        reasons=dict(document["reasons"]),
        counts={intent: Count(good, bad) for intent, good, bad in document["counts"]},
        restarts={
            intent: Restart(at, number, threshold)
            for intent, at, number, threshold in document.get("restarts", ())
        },
        pinned=frozenset(document.get("pinned", ())),
        all_pinned=document.get("all_pinned", False),
        choices=tuple(
            Weights(slot, context, dict(shares))
            for slot, context, shares in document.get("choices", ())
        ),
    )
    promised = dict(document["promise"])
    promise = Promise(**{**promised, "alphas": dict(promised.get("alphas", ()))})
    return Decided(document["_id"], tuning, promise, document["decided_at"])
