"""Histories, outcomes and policies as documents of the database."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.feedback.domain.history import Response, Signal, TicketHistory
from services.feedback.domain.policy import Count, Decided, Promise, Tuning
from services.feedback.domain.verdicts import SATISFIED, JudgedResponse

Document = dict[str, Any]


def history_fields(told: TicketHistory) -> Document:
    """What to set in a ticket's document: one field for each fact, so facts never collide."""
    responses = {f"responses.{key}": _facts(one) for key, one in told.responses.items()}
    signals = {f"signals.{key}": _facts(one) for key, one in told.signals.items()}
    return responses | signals


def history_of(document: Mapping[str, Any]) -> TicketHistory:
    """The history in a ticket's document."""
    responses, signals = document.get("responses", {}), document.get("signals", {})
    return TicketHistory(
        document["_id"],
        {key: Response(key=key, **facts) for key, facts in responses.items()},
        {key: Signal(key=key, **facts) for key, facts in signals.items()},
    )


def outcome_fields(judged: JudgedResponse) -> Document:
    """What to set in the document of an outcome, whose `_id` is the response's key.

    `judged` marks the automatic replies that thresholds are tuned by.
    """
    response = judged.response
    return _facts(response) | {
        "ticket_id": judged.ticket_id,
        "verdict": judged.verdict,
        "judged": response.automatic and judged.verdict != "unknown",
        "because": list(judged.because),
        "ratings": len(judged.ratings),
        "stars": sum(judged.ratings),
        "satisfied": sum(stars >= SATISFIED for stars in judged.ratings),
        "facts": judged.facts,
    }


def policy_document(decided: Decided) -> Document:
    """A policy that is not published yet. Intents are values, not keys: they may hold dots."""
    tuning = decided.tuning
    return {
        "_id": decided.version,
        "default_threshold": tuning.default_threshold,
        "thresholds": [[intent, value] for intent, value in tuning.thresholds.items()],
        "reasons": [[intent, reason] for intent, reason in tuning.reasons.items()],
        "counts": [[intent, count.good, count.bad] for intent, count in tuning.counts.items()],
        "promise": asdict(decided.promise),
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
    )
    promise = Promise(**document["promise"])
    return Decided(document["_id"], tuning, promise, document["decided_at"])


def _facts(one: Response | Signal) -> Document:
    """All that is not empty, but the key."""
    facts = asdict(one)
    return {name: value for name, value in facts.items() if name != "key" and value is not None}
