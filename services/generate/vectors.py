"""Sentence vectors of tickets: the one that came along if it fits, or our own encoding."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.generate.knowledge_base import KnowledgeBase
from services.generate.ports import Encoder
from shared.events import Ticket, TicketPersonalized, Vector
from shared.vectors import unit_vector

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Sentences:
    """Vectors [tickets, width], and how many encoder passes each ticket has cost so far."""

    vectors: Floats
    passes: tuple[int, ...]


def sentences_of(
    tickets: Sequence[TicketPersonalized], knowledge: KnowledgeBase, encoder: Encoder
) -> Sentences:
    """The vectors of these tickets in the knowledge's own space.

    What classify sent is used if the same encoder made it; all others are encoded in one batch.
    Raises TemporaryError when that encoder is not there.
    """
    given = [_given(ticket.understanding.vector, knowledge) for ticket in tickets]
    missing = [number for number, vector in enumerate(given) if vector is None]
    vectors = np.zeros((len(tickets), knowledge.width), np.float32)
    for number, vector in enumerate(given):
        if vector is not None:
            vectors[number] = vector
    if missing:
        texts = [text_of(tickets[number].ticket) for number in missing]
        vectors[missing] = encoder.encode(texts, knowledge.encoder_name, knowledge.encoder_version)
    passes = tuple(1 if vector is not None else 2 for vector in given)
    return Sentences(vectors, passes)


def text_of(ticket: Ticket) -> str:
    """What of a ticket is encoded: the subject, if any, and the text."""
    return f"{ticket.subject}\n{ticket.text}" if ticket.subject else ticket.text


def _given(vector: Vector | None, knowledge: KnowledgeBase) -> Floats | None:
    """The vector of the event, or None if another encoder made it or it is damaged."""
    if vector is None or vector.version != knowledge.encoder_version:
        return None
    if vector.model != knowledge.encoder_name:
        return None
    unit = unit_vector(vector.data)
    return unit if unit is not None and unit.shape == (knowledge.width,) else None
