"""Histories and outcomes as documents of the database."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from services.feedback.domain.contacts import Contact
from services.feedback.domain.definitions import REWRITTEN, SATISFIED
from services.feedback.domain.efficiency import Effort
from services.feedback.domain.history import (
    AUTOMATIC,
    OTHER_PASSAGE,
    STEPS,
    Response,
    Signal,
    TicketHistory,
)
from services.feedback.domain.intervals import Pairs, Sample
from services.feedback.domain.policy import Kind, Observation
from services.feedback.domain.quality import bucket_of
from services.feedback.domain.verdicts import JudgedResponse, Waiting

Document = dict[str, Any]


def history_fields(told: TicketHistory) -> Document:
    """What to set in a ticket's document: one field for each fact, so facts never collide."""
    responses = {f"responses.{key}": _facts(one) for key, one in told.responses.items()}
    signals = {f"signals.{key}": _facts(one) for key, one in told.signals.items()}
    customers = [one.customer_key for one in told.responses.values() if one.customer_key]
    return responses | signals | ({"customer_key": customers[-1]} if customers else {})


def personal_fields(document: Mapping[str, Any], keys: Collection[str]) -> Document:
    """The fields of a ticket's document that tell whose these responses were, or any words."""
    signals = {
        key for key, one in document.get("signals", {}).items() if one.get("response") in keys
    }
    own = [f"responses.{key}.{name}" for key in keys for name in ("customer_key", "text")]
    others = (one for key, one in document.get("responses", {}).items() if key not in keys)
    all_of_it = [] if any("customer_key" in one for one in others) else ["customer_key"]
    return dict.fromkeys([*own, *(f"signals.{key}.text" for key in signals), *all_of_it], "")


def history_of(document: Mapping[str, Any]) -> TicketHistory:
    """The history in a ticket's document."""
    responses, signals = document.get("responses", {}), document.get("signals", {})
    return TicketHistory(
        document["_id"],
        {key: _response(key, facts) for key, facts in responses.items()},
        {key: Signal(key=key, **facts) for key, facts in signals.items()},
    )


def outcome_document(judged: JudgedResponse) -> Document:
    """The document of an outcome, whose `_id` is the response's key.

    `judged` marks the automatic replies and reviewed drafts that thresholds are tuned by.
    """
    response, stars = judged.response, judged.rating
    measured = {
        "review": judged.review,
        "edit_distance": judged.edit_distance,
        "read_right": judged.read_right,
        "first_response_ms": judged.first_response_ms,
        "bucket": None if judged.first_response_ms is None else bucket_of(judged.first_response_ms),
    }
    return {
        "_id": response.key,
        **{name: value for name, value in _facts(response).items() if name != "text"},
        "contacted_at": response.contacted_at,
        "ticket_id": judged.ticket_id,
        "verdict": judged.verdict,
        "judged": _tells_of_confidence(judged),
        "because": list(judged.because),
        "ratings": int(stars is not None),
        "stars": stars or 0,
        "satisfied": int(stars is not None and stars >= SATISFIED),
        "is_contact": judged.is_contact,
        "resolved": judged.resolved,
        "facts": judged.facts,
        **{name: value for name, value in measured.items() if value is not None},
    }


def _tells_of_confidence(judged: JudgedResponse) -> bool:
    """Whether it is known if the reply that the confidence is of was right."""
    response = judged.response
    if response.decision == "draft":
        return judged.review is not None and OTHER_PASSAGE not in response.reasons
    return response.automatic and judged.verdict != "unknown"


def observation_of(outcome: Mapping[str, Any], weights: Mapping[Kind, float]) -> Observation:
    """The judged reply in the document of an outcome; `weights` are those of its intent."""
    kind = kind_of(outcome["decision"])
    rewritten = outcome.get("edit_distance", 0.0) > REWRITTEN
    bad = outcome["verdict"] == "bad" or (kind == "draft" and rewritten)
    return Observation(outcome["confidence"], bad, kind, outcome["created_at"], weights[kind])


def kind_of(decision: str) -> Kind:
    """Which kind of evidence a judged reply is."""
    return "draft" if decision == "draft" else "automatic"


def contact_of(outcome: Mapping[str, Any]) -> Contact:
    """The contact in the document of an outcome."""
    return Contact(
        key=outcome["_id"],
        ticket_id=outcome["ticket_id"],
        customer_key=outcome["customer_key"],
        intent=outcome["intent"],
        contacted_at=outcome["contacted_at"],
        replied_at=outcome["created_at"],
        automatic=outcome["decision"] in AUTOMATIC,
    )


def waiting_document(waiting: Waiting) -> Document:
    """The document of what waits in a ticket, which is its `_id`."""
    return {
        "_id": waiting.ticket_id,
        "said_at": sorted(waiting.signals.values()),
        "facts": waiting.facts,
    }


def effort_of(row: Mapping[str, Any]) -> Effort:
    """The effort in a row of `aggregations.efforts`."""
    tickets = row["tickets"]
    return Effort(
        tickets,
        row["replies"],
        time=_sample(row, "time", row["timed"]),
        passes=_sample(row, "passes", tickets),
        tokens=_sample(row, "tokens", tickets),
        price=_sample(row, "price", tickets),
        steps={step: _pairs(row, step, "steps", row["stepped"]) for step in STEPS},
        passes_resolved=_pairs(row, "passes", "resolved", tickets),
        tokens_resolved=_pairs(row, "tokens", "resolved", tickets),
    )


def _sample(row: Mapping[str, Any], name: str, count: int) -> Sample:
    return Sample(count, row[name], row[f"{name}_squared"])


def _pairs(row: Mapping[str, Any], top: str, bottom: str, count: int) -> Pairs:
    one, other = _sample(row, top, count), _sample(row, bottom, count)
    products = row[f"{top}_by_{bottom}"]
    return Pairs(count, one.total, other.total, one.squares, other.squares, products)


def _response(key: str, facts: Mapping[str, Any]) -> Response:
    return Response(key=key, **{**facts, "reasons": tuple(facts.get("reasons", ()))})


def _facts(one: Response | Signal) -> Document:
    """All that is known, but the key."""
    facts = asdict(one)
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in facts.items()
        if name != "key" and value is not None
    }
