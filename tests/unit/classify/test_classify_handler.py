"""An accepted message becomes a classified one, the same one every time."""

import asyncio
import base64
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from services.classify.domain.entities import Catalogue
from services.classify.domain.evidence import Clue
from services.classify.domain.heads import Ranked
from services.classify.domain.reading import Reading
from services.classify.encoder import StoredModels
from services.classify.handlers import ClassifyHandler
from services.classify.understanding import Understander, packed
from shared.envelope import Event, new_event
from shared.errors import TemporaryError
from shared.events import Ticket, TicketAccepted, TicketClassified
from shared.modelstore import ModelStore
from shared.topics import PERSONALIZE

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Parrot:
    """A model that is sure of everything; remembers what it was given, and in which thread."""

    version = "classifier@0123456789ab"
    encoder_name = "encoder"
    encoder_version = "ba9876543210"

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.threads: list[int] = []

    def read(self, texts: Sequence[str]) -> list[Reading]:
        self.calls.append(list(texts))
        self.threads.append(threading.get_ident())
        reading = Reading(
            intents=(Ranked("refund", 1.0000001), Ranked("loan", 0.1), Ranked("invoice", 0.05)),
            sentiments=(Ranked("negative", 0.75), Ranked("neutral", 0.25)),
            priorities=(
                Ranked("high", 0.5),
                Ranked("urgent", 0.3),
                Ranked("normal", 0.1),
                Ranked("low", 0.1),
            ),
            out_of_scope=0.25,
            is_out_of_scope=False,
            clues={"intent": (Clue(0, 4, 1.25), Clue(0, 0, 0.5))},
            vector=np.linspace(-1, 1, 384, dtype=np.float32),
        )
        return [reading for _ in texts]


def accepted(
    number: int, subject: str | None = None, text: str | None = None
) -> Event[TicketAccepted]:
    ticket = Ticket(
        ticket_id=f"T-{number}",
        message_id="m1",
        source="test",
        channel="chat",
        subject=subject,
        text=text or f"text {number}",
        language="en",
        created_at=NOON,
        received_at=NOON,
    )
    event = new_event(TicketAccepted(ticket=ticket), cause=str(number), source="/test", now=NOON)
    return event  # type: ignore[return-value]


def classify(
    model: Parrot, events: Sequence[Event[TicketAccepted]]
) -> list[Event[TicketClassified]]:
    understander = Understander(lambda: model, Catalogue(()))
    handler = ClassifyHandler(understander, lambda: NOON)
    outcomes = asyncio.run(handler.classify(events))
    outgoing = [outgoing for outcome in outcomes for outgoing in outcome.publish]
    assert {o.topic for o in outgoing} == {PERSONALIZE}
    return [o.event for o in outgoing]  # type: ignore[misc]


def test_a_wave_is_read_in_one_pass_off_the_event_loop() -> None:
    model = Parrot()
    events = classify(model, [accepted(1), accepted(2, subject="About 2"), accepted(3)])
    assert model.calls == [["text 1", "About 2\ntext 2", "text 3"]]
    assert model.threads != [threading.get_ident()]
    assert [event.data.ticket.ticket_id for event in events] == ["T-1", "T-2", "T-3"]


def test_everything_that_was_read_is_passed_on() -> None:
    (event,) = classify(Parrot(), [accepted(1)])
    understanding = event.data.understanding
    assert (understanding.intent, understanding.confidence) == ("refund", 1.0)
    assert [label.label for label in understanding.intents] == ["refund", "loan", "invoice"]
    assert (understanding.sentiment, understanding.sentiment_confidence) == ("negative", 0.75)
    assert (understanding.priority, understanding.priority_confidence) == ("high", 0.5)
    assert (understanding.out_of_scope, understanding.is_out_of_scope) == (0.25, False)
    assert [(e.decision, e.token, e.weight) for e in understanding.evidence] == [
        ("intent", "text", 1.25),
        ("intent", "", 0.5),
    ]
    assert understanding.model_version == "classifier@0123456789ab"
    assert understanding.classified_at == NOON


def test_rules_raise_the_priority_and_say_so() -> None:
    (event,) = classify(Parrot(), [accepted(1, text="someone stole my card and is using it now")])
    understanding = event.data.understanding
    assert (understanding.priority, understanding.priority_confidence) == ("urgent", 0.3)
    assert "fraud" in understanding.priority_rules


def test_rules_raise_to_a_priority_the_model_never_learned() -> None:
    class Calm(Parrot):
        def read(self, texts: Sequence[str]) -> list[Reading]:
            calm = (Ranked("normal", 0.9), Ranked("low", 0.1))
            return [replace(reading, priorities=calm) for reading in super().read(texts)]

    understander = Understander(Calm, Catalogue(()))
    (understood,) = understander.understand(["the charger caught fire"], [NOON], NOON)
    assert (understood.priority, understood.priority_confidence) == ("urgent", 0.0)


def test_what_a_message_names_is_found_at_its_place() -> None:
    (event,) = classify(Parrot(), [accepted(1, text="order 20231105 came broken yesterday")])
    found = {entity.type: entity for entity in event.data.understanding.entities}
    assert (found["order"].value, found["order"].start) == ("20231105", 6)
    assert found["date"].value == "2026-11-22"


def test_the_vector_travels_as_half_precision_with_its_encoder() -> None:
    (event,) = classify(Parrot(), [accepted(1)])
    vector = event.data.understanding.vector
    assert vector is not None
    assert (vector.model, vector.version) == ("encoder", "ba9876543210")
    values = np.frombuffer(base64.b64decode(vector.data), "<f2")
    np.testing.assert_allclose(values, np.linspace(-1, 1, 384), atol=1e-3)


def test_half_precision_keeps_the_direction_of_a_vector() -> None:
    vector = np.random.default_rng(0).normal(size=384).astype(np.float32)
    vector /= np.linalg.norm(vector)
    back = np.frombuffer(base64.b64decode(packed(vector)), "<f2").astype(np.float32)
    assert float(vector @ back) / float(np.linalg.norm(back)) > 0.999999


def test_a_redelivered_message_gives_the_same_event() -> None:
    first, second = (classify(Parrot(), [accepted(1)])[0] for _ in range(2))
    assert first == second
    assert first.id != accepted(1).id


def test_a_missing_model_is_temporary_and_says_which_command_makes_one(tmp_path: Path) -> None:
    models = StoredModels(
        ModelStore(str(tmp_path / "store")), tmp_path / "cache", threads=1, evidence_words=5
    )
    with pytest.raises(TemporaryError, match=r"classifier.*make train"):
        models.load(None)
