"""What is kept of messages: to tell people of, and to learn from."""

import base64
from dataclasses import fields
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from services.feedback.domain.learning.triggers import EnoughRows, Triggers
from services.feedback.lessons import lessons
from services.feedback.messages.mongo import MongoTrainings
from shared.envelope import Event
from shared.events import FeedbackRated, LabelCorrected, ResponseGenerated
from shared.mongo import Mongo
from tests.component.feedback.kit import at, handler, messages, response, told
from tests.unit.feedback.quality_kit import HOUR, sent

VECTOR = np.eye(8, dtype="<f2")


def asked(number: int, text: str, axis: int = 0, version: str = "1", **more: Any) -> dict[str, Any]:
    return {
        "asked": {
            "text": text,
            "words": text.lower().split(),
            "vector": {
                "model": "e5",
                "version": version,
                "data": base64.b64encode((2 * VECTOR[axis]).astype("<f2").tobytes()).decode(),
            },
            "is_out_of_scope": False,
            "answerable": 0.25,
            "received_at": at(number - 0.5),
        },
        "customer_key": f"c{number}",
        "model_version": "classifier@a1",
        **more,
    }


def question(number: int, text: str = "where is it", **more: Any) -> Event[ResponseGenerated]:
    return response(number, f"T-{number}", **asked(number, text, **more))


def corrected(number: int, intent: str, agent: str, **more: Any) -> Event[LabelCorrected]:
    data = {"ticket_id": f"T-{number}", "intent": intent, "agent_key": agent, **more}
    return told(LabelCorrected.model_validate({"occurred_at": at(number + 1), **data}))


async def test_a_message_is_told_with_what_became_of_it(mongo: Mongo) -> None:
    draft = question(1, "may I keep it", decision="draft")
    final = sent(draft, 5, "Yes, for 30 days.")
    agents = final.data.model_copy(update={"written_by": "agent"})
    await handler(mongo).record([draft, question(2)])
    await handler(mongo).record(
        [
            told(agents, "final"),
            told(FeedbackRated(ticket_id="T-2", rating=1, occurred_at=at(3))),
        ]
    )
    first, second = sorted(
        [one async for one in messages(mongo).messages(at(0))], key=lambda one: one.at
    )
    assert (first.text, first.agent_reply, first.decision) == (
        "may I keep it",
        "Yes, for 30 days.",
        "draft",
    )
    assert (second.verdict, second.customer_key, second.answerable) == ("bad", "c2", 0.25)
    assert first.vector is not None and first.vector.tolist() == VECTOR[0].tolist()
    assert [one.text async for one in messages(mongo).messages(at(1))] == ["where is it"]


async def test_a_draft_and_what_was_made_of_it_in_one_wave_are_one_message(mongo: Mongo) -> None:
    approved, rewritten = (question(number, "may I keep it", decision="draft") for number in (1, 2))
    final = sent(approved, 5, "Yes.").data
    by_agent = sent(rewritten, 6, "Yes.").data.model_copy(update={"written_by": "agent"})

    wave: list[Event[Any]] = [approved, rewritten, told(final, "1"), told(by_agent, "2")]
    await handler(mongo).record(wave)

    found = sorted([one async for one in messages(mongo).messages(at(0))], key=lambda one: one.at)
    assert [(one.text, one.agent_reply) for one in found] == [
        ("may I keep it", None),
        ("may I keep it", "Yes."),
    ]


async def test_vectors_of_another_encoder_are_not_compared(mongo: Mongo) -> None:
    await handler(mongo).record([question(1), question(2), question(3, version="old")])
    found = [one async for one in messages(mongo).messages(at(0))]
    assert {one.ticket_id: one.vector is None for one in found} == {
        "T-1": False,
        "T-2": False,
        "T-3": True,
    }


async def test_an_outline_has_all_facts_of_a_message_but_not_what_it_says(mongo: Mongo) -> None:
    draft = question(1, "may I keep it", decision="draft")
    by_agent = sent(draft, 6, "Yes.").data.model_copy(update={"written_by": "agent"})
    bad = told(FeedbackRated(ticket_id="T-2", rating=1, occurred_at=at(3)))
    await handler(mongo).record([draft, told(by_agent), question(2), bad])
    whole = {one.key: one async for one in messages(mongo).messages(at(0))}
    outlines = {one.key: one async for one in messages(mongo).outlines(at(0))}
    assert {one.verdict for one in outlines.values()} == {"unknown", "bad"}
    for key, one in whole.items():
        assert one.text and one.words and one.vector is not None
        outline, empty = outlines.pop(key), {"text": "", "words": (), "agent_reply": None}
        assert outline.vector is None
        for name in (field.name for field in fields(one) if field.name != "vector"):
            assert getattr(outline, name) == empty.get(name, getattr(one, name)), name
    assert outlines == {}


async def test_told_again_nothing_changes(mongo: Mongo) -> None:
    events: list[Event[Any]] = [question(1), corrected(1, "invoice", "a1"), question(2)]
    for _ in range(2):
        await handler(mongo).record(events)
    known = await messages(mongo).learnable()
    assert [len(one.labels) for one in sorted(known.messages, key=lambda one: one.ticket_id)] == [
        1,
        0,
    ]


@pytest.mark.parametrize("names_message", [True, False])
async def test_corrections_and_confirmed_replies_are_learned_from(
    mongo: Mongo, names_message: bool
) -> None:
    named = {"message_id": "m1"} if names_message else {}
    events = [
        question(1, "my invoice is wrong", axis=1),
        corrected(1, "invoice", "a1", **named),
        question(2, "money back please", axis=2),
        told(FeedbackRated(ticket_id="T-2", rating=5, occurred_at=at(3))),
        question(4, "nobody said anything", axis=3),
    ]
    await handler(mongo).record(events)
    known = await messages(mongo).learnable()
    found = lessons(known, Triggers(rows=2), last=None, now=at(HOUR))
    assert {(row.text, row.intent, row.source) for row in found.selection.rows} == {
        ("my invoice is wrong", "invoice", "correction"),
        ("money back please", "refund", "confirmed"),
    }
    assert found.model == "classifier@a1"
    assert set(found.recent) == {"my invoice is wrong", "money back please", "nobody said anything"}
    assert found.reasons == (EnoughRows(2, 2),)
    assert known.vectors_of(found.selection.rows).shape == (2, 8)


async def test_what_was_learned_already_is_no_reason_to_train(mongo: Mongo) -> None:
    await handler(mongo).record([question(1), corrected(1, "invoice", "a1")])
    trainings = MongoTrainings(mongo)
    assert await trainings.last() is None
    began = at(10).replace(microsecond=0)
    await trainings.add(began, {"passed": True})
    last = await trainings.last()
    known = await messages(mongo).learnable()
    found = lessons(known, Triggers(rows=1), last=last, now=at(10) + timedelta(days=2))
    assert (last, found.new_rows, found.reasons) == (began, 0, ())
    await handler(mongo).record([question(20, "other words"), corrected(20, "invoice", "a2")])
    known = await messages(mongo).learnable()
    found = lessons(known, Triggers(rows=1), last=last, now=at(10) + timedelta(days=2))
    assert (found.new_rows, len(found.selection.rows)) == (1, 2)
