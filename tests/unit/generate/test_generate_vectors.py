"""One encoder pass a ticket: the vector that came along is used wherever it fits."""

import base64

import numpy as np
import pytest

from services.generate.vectors import sentences_of, text_of
from shared.events import Vector
from tests.unit.generate.kit import (
    WIDTH,
    WordEncoder,
    knowledge_of,
    ticket_event,
    vector_event,
    vector_of,
)

NOT_FINITE = base64.b64encode(np.full(WIDTH, np.nan, "<f2").tobytes()).decode()
NO_LENGTH = base64.b64encode(np.zeros(WIDTH, "<f2").tobytes()).decode()


def test_a_fitting_vector_costs_no_pass_of_ours() -> None:
    encoder = WordEncoder()
    sentences = sentences_of([ticket_event("refund please").data], knowledge_of(), encoder)
    assert encoder.asked == []
    assert sentences.passes == (1,)
    assert np.allclose(sentences.vectors[0], vector_of("refund please"), atol=1e-3)


@pytest.mark.parametrize(
    "vector",
    [
        None,
        vector_event("other", version="2"),
        Vector(model="bert", version="1", data=vector_event("other").data),
        Vector(model="words", version="1", data="not base64!"),
        Vector(model="words", version="1", data="AAAA"),
        Vector(model="words", version="1", data=NOT_FINITE),
        Vector(model="words", version="1", data=NO_LENGTH),
    ],
    ids=["none", "version", "model", "base64", "width", "nan", "zero"],
)
def test_any_other_vector_is_made_anew(vector: Vector | None) -> None:
    encoder = WordEncoder()
    ticket = ticket_event("refund please", vector=vector).data
    sentences = sentences_of([ticket], knowledge_of(), encoder)
    assert encoder.asked == ["refund please"]
    assert sentences.passes == (2,)
    assert np.allclose(sentences.vectors[0], vector_of("refund please"))


def test_those_without_are_encoded_in_one_batch_and_keep_their_place() -> None:
    texts = ["refund", "invoice", "phone abroad"]
    vectors = [None, vector_event("invoice"), None]
    tickets = [ticket_event(t, vector=v).data for t, v in zip(texts, vectors, strict=True)]
    encoder = WordEncoder()
    sentences = sentences_of(tickets, knowledge_of(), encoder)
    assert encoder.asked == ["refund", "phone abroad"]
    assert sentences.passes == (2, 1, 2)
    assert np.allclose(sentences.vectors, [vector_of(text) for text in texts], atol=1e-3)


def test_the_subject_belongs_to_the_text() -> None:
    assert text_of(ticket_event("body", subject="Subject").data.ticket) == "Subject\nbody"
