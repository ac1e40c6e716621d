"""A small knowledge base and tickets for it; its encoder sees shared words, and nothing else."""

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from services.generate.domain.calibration import Calibration
from services.generate.domain.entries import Entry
from services.generate.domain.message import Background, Message, Understood
from services.generate.domain.retrieval import Floats, Index, Shelf, centred
from services.generate.domain.words import WordIndex, terms
from services.generate.knowledge_base import KnowledgeBase
from shared.envelope import Event, new_event
from shared.events import (
    CustomerView,
    RankedLabel,
    Ticket,
    TicketPersonalized,
    Understanding,
    Vector,
)
from shared.words import words_of

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = NOON.date()
WIDTH = 256
CALIBRATION = Calibration((8.0, 4.0, 0.5, 0.5), -4.0)

REFUND = Entry(
    "en/shop.md#refund-time",
    "en/shop.md",
    "refund-time",
    "How long does a refund take?",
    "A refund takes 3 working days to your card.",
    "en",
)
CANCEL = Entry(
    "en/shop.md#cancel",
    "en/shop.md",
    "cancel",
    "How do I cancel an order?",
    "Tap Cancel order on the order page while it shows Preparing.",
    "en",
    ("order_cancel",),
)
ROAMING = Entry(
    "en/telecom.md#roaming",
    "en/telecom.md",
    "roaming",
    "Can I use my phone abroad?",
    "Switch roaming on under Settings before you travel.",
    "en",
    questions=("Going on holiday overseas", "Does mobile data function in Spain?"),
)
ZH_REFUND = Entry(
    "zh/shop.md#refund-time",
    "zh/shop.md",
    "refund-time",
    "退款多久到账？",
    "退款 3 个工作日退回您的银行卡。",
    "zh",
)
ZH_INVOICE = Entry(
    "zh/shop.md#invoice",
    "zh/shop.md",
    "invoice",
    "怎么开发票？",
    "在订单页面点击申请发票。",
    "zh",
)
ENTRIES = (REFUND, CANCEL, ROAMING, ZH_REFUND, ZH_INVOICE)


@dataclass
class WordEncoder:
    """A vector is a bag of words; counts what it was asked for."""

    asked: list[str] = field(default_factory=list)
    name: str = "words"
    version: str = "1"

    def encode(self, texts: Sequence[str], *_: str) -> Floats:
        self.asked += texts
        return np.stack([vector_of(text) for text in texts])


def vector_of(text: str) -> Floats:
    vector = np.zeros(WIDTH, np.float32)
    for word in set(terms(words(text))):
        vector[zlib.crc32(word.encode()) % WIDTH] += 1.0
    length = float(np.linalg.norm(vector)) or 1.0
    return (vector / length).astype(np.float32)


def words(text: str) -> tuple[str, ...]:
    """Chinese ones as pairs of characters, so that no dictionary is needed."""
    return words_of(text, lambda run: [run[n : n + 2] for n in range(len(run) - 1)])


def shelf_of(entries: Sequence[Entry]) -> Shelf:
    centre = np.zeros(WIDTH, np.float32)
    questions = np.stack([vector_of(question) for entry in entries for question in entry.asked])
    passages = np.stack([vector_of(entry.passage) for entry in entries])
    return Shelf(
        tuple(entries),
        centred(questions, centre),
        centred(passages, centre),
        centre,
        WordIndex.of([terms(words(entry.passage)) for entry in entries]),
    )


def index_of(entries: Sequence[Entry] = ENTRIES) -> Index:
    languages = sorted({entry.language for entry in entries})
    shelves = {
        language: shelf_of([entry for entry in entries if entry.language == language])
        for language in languages
    }
    return Index(shelves, CALIBRATION)


def knowledge_of(entries: Sequence[Entry] = ENTRIES, version: str = "k1") -> KnowledgeBase:
    return KnowledgeBase(version, "words", "1", WIDTH, index_of(entries))


def message(text: str = "How long does a refund take?", **given: Any) -> Message:
    """A plain, neutral message about a refund, but for what is given."""
    intent = given.pop("intent", "refund")
    intents = {intent: given.pop("probability", 0.9)} | given.pop("intents", {})
    understood = Understood(
        intent,
        intents,
        given.pop("sentiment", "neutral"),
        given.pop("priority", "normal"),
        given.pop("is_out_of_scope", False),
    )
    fields: dict[str, Any] = {
        "text": text,
        "language": "en",
        "background": Background(),
        "turn": 1,
        "received_at": NOON,
        "has_unread_files": False,
        "flags": frozenset(),
    }
    return Message(understood=understood, **{**fields, **given})


def vector_event(text: str, version: str = "1") -> Vector:
    data = base64.b64encode(vector_of(text).astype("<f2").tobytes()).decode()
    return Vector(model="words", version=version, data=data)


def ticket_event(
    text: str = "How long does a refund take?", ticket_id: str = "T-1", **given: Any
) -> Event[TicketPersonalized]:
    """A classified and personalized ticket, as it comes from the topic."""
    intent = given.pop("intent", "refund")
    understanding = Understanding(
        intent=intent,
        confidence=0.9,
        intents=(RankedLabel(label=intent, probability=0.9),),
        sentiment=given.pop("sentiment", "neutral"),
        priority=given.pop("priority", "normal"),
        model_version="m1",
        vector=given.pop("vector", vector_event(text)),
        classified_at=NOON + timedelta(milliseconds=20),
    )
    fields: dict[str, Any] = {
        "ticket_id": ticket_id,
        "message_id": "m1",
        "source": "test",
        "channel": "email",
        "text": text,
        "words": words(text),
        "language": "en",
        "created_at": NOON,
        "received_at": NOON,
    }
    data = TicketPersonalized(
        ticket=Ticket(**{**fields, **given}),
        understanding=understanding,
        customer=CustomerView(personalized_at=NOON + timedelta(milliseconds=30)),
    )
    cause = f"{ticket_id} {data.ticket.message_id}"
    return new_event(data, cause=cause, source="/careloop/personalize", now=NOON)  # type: ignore[return-value]
