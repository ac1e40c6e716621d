"""Messages and labels as documents of the database."""

import sys
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from services.feedback.domain.insight.message import Cited, Message
from services.feedback.domain.verdicts import Verdict
from shared import ids
from shared.envelope import Event
from shared.events import LabelCorrected, ResponseGenerated, Vector
from shared.vectors import unit_vector

Document = dict[str, Any]
PRODUCTS = ("product", "plan")
"""Types of entities that name something the company sells."""
CONTENTS = ("text", "words", "vector", "agent_reply")
"""What a message says: most of its document."""


def response_key(response_id: str) -> str:
    """The key of a response, as outcomes have it."""
    return ids.derived("response", response_id)


def message_fields(told: ResponseGenerated) -> Document:
    """What to set in a message's document, whose `_id` is the key of the response to it."""
    if told.reviewed is not None:
        return {"agent_reply": told.text} if told.written_by == "agent" else {}
    asked = told.asked
    if asked is None:
        return {}
    found = {
        "ticket_id": told.ticket_id,
        "message_id": told.message_id,
        "customer_key": told.customer_key,
        "at": asked.received_at.astimezone(UTC),
        "text": asked.text,
        "words": list(dict.fromkeys(asked.words)),
        "language": told.language,
        "vector": asked.vector.data if asked.vector else None,
        "encoder": _encoder(asked.vector),
        "model_version": told.model_version,
        "intent": told.intent,
        "intent_confidence": told.intent_confidence,
        "sentiment": told.sentiment,
        "is_out_of_scope": asked.is_out_of_scope,
        "answerable": asked.answerable,
        "decision": told.decision,
        "reasons": list(told.reasons),
        "queue": told.handoff.queue if told.handoff else None,
        "products": sorted({one.value for one in told.entities if one.type in PRODUCTS}),
        "cited": [told.citations[0].document, told.citations[0].section]
        if told.citations
        else None,
        "choices": [[one.slot, one.context, one.option, one.propensity] for one in told.choices],
    }
    return {name: value for name, value in found.items() if value is not None}


def label_document(event: Event[LabelCorrected]) -> Document:
    """An agent's word on what a message was; without a message it is about the ticket's newest."""
    told = event.data
    return {
        "_id": event.id,
        "ticket_id": told.ticket_id,
        "message_id": told.message_id,
        "intent": told.intent,
        "agent_key": told.agent_key,
        "at": (told.occurred_at or event.time).astimezone(UTC),
    }


def message_of(document: Mapping[str, Any], verdict: Verdict, encoder: str | None) -> Message:
    """The message of a document; its vector if it is this encoder's. What was not read of it is
    empty."""
    one = document
    is_comparable = "vector" in one and one.get("encoder") == encoder
    return Message(
        ticket_id=one["ticket_id"],
        message_id=one["message_id"],
        customer_key=one.get("customer_key"),
        at=one["at"],
        text=one.get("text", ""),
        words=tuple(one.get("words", ())),
        # Few different ones, held with every message.
        language=sys.intern(one["language"]),
        vector=unit_vector(one["vector"]) if is_comparable else None,
        intent=sys.intern(one["intent"]),
        sentiment=sys.intern(one["sentiment"]),
        is_out_of_scope=one["is_out_of_scope"],
        decision=sys.intern(one["decision"]),
        reasons=tuple(map(sys.intern, one["reasons"])),
        verdict=verdict,
        answerable=one["answerable"],
        queue=sys.intern(one["queue"]) if "queue" in one else None,
        products=tuple(map(sys.intern, one["products"])),
        cited=Cited(*one["cited"]) if "cited" in one else None,
        agent_reply=one.get("agent_reply"),
    )


def _encoder(vector: Vector | None) -> str | None:
    return f"{vector.model}@{vector.version}" if vector else None
