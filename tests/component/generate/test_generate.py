"""Generate's handler over the real database: every ticket twice, races, crashes."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.generate.current import Current
from services.generate.domain.actions.answers import Answer
from services.generate.domain.actions.orders import Order
from services.generate.domain.phrases import NAME
from services.generate.domain.policy import Policy
from services.generate.encoder import LazyEncoder
from services.generate.handlers import PORTION
from services.generate.mongo import MongoResponses
from services.generate.ports import Kept, Stored
from shared import ids
from shared.envelope import Event, encode
from shared.errors import TemporaryError
from shared.events import (
    AttachmentRead,
    TicketPersonalized,
)
from shared.modelstore import ModelStore
from shared.mongo import Mongo
from shared.outcome import Outcome
from tests.component.generate.company import SMALL, Company
from tests.component.generate.kit import OTHER_RING, RING, handler_over, published
from tests.unit.generate.kit import (
    CANCEL,
    NOON,
    REFUND,
    ZH_REFUND,
    knowledge_of,
    ticket_event,
)


def in_bytes(outcomes: Sequence[Outcome]) -> list[Any]:
    return [encode(outgoing.event) for outcome in outcomes for outgoing in outcome.publish]


async def stored(mongo: Mongo) -> list[dict[str, Any]]:
    return sorted(await mongo.database["responses"].find({}).to_list(None), key=lambda d: d["_id"])


EXAMPLES: dict[str, Event[TicketPersonalized]] = {
    "answer": ticket_event("How long does a refund take?", "T-answer"),
    "answer zh": ticket_event("退款多久到账？", "T-zh", language="zh"),
    "answer by name": ticket_event(
        "How do I cancel an order?",
        "T-name",
        intent="order_cancel",
        sealed=RING.seal({NAME: "Ann"}, "T-name"),
    ),
    "hand-over": ticket_event("I want a human now", "T-person", intent="human_agent"),
    "thanks": ticket_event("谢谢", "T-thanks", intent="praise_feedback", sentiment="positive"),
    "no text": ticket_event("", "T-file", attachments=(AttachmentRead(url="https://x/y.png"),)),
    "foreign": ticket_event("Wie lange dauert es?", "T-de", language="de"),
    "own encoding": ticket_event("cancel my order", "T-vector", vector=None),
}


@pytest.mark.parametrize("name", EXAMPLES)
async def test_every_example_twice_is_one_response(
    name: str, mongo: Mongo, current: Current
) -> None:
    handler = handler_over(mongo, current)
    first = await handler.respond([EXAMPLES[name]])
    before = await stored(mongo)
    second = await handler.respond([EXAMPLES[name]])
    assert in_bytes(second) == in_bytes(first)
    assert await stored(mongo) == before
    assert len(before) == 1


async def test_a_wave_gets_its_responses_in_order(mongo: Mongo, current: Current) -> None:
    events = list(EXAMPLES.values())
    handler = handler_over(mongo, current)
    # Some of the wave were answered before.
    await handler.respond(events[::3])
    outcomes = await handler.respond(events)
    told = [published(outcome)[0].data for outcome in outcomes]
    assert [data.ticket_id for data in told] == [event.data.ticket.ticket_id for event in events]
    assert len(await stored(mongo)) == len(events)


async def test_a_large_wave_gets_its_responses_in_order(mongo: Mongo, current: Current) -> None:
    events = [
        ticket_event(f"How long does refund {number} take?", f"T-{number}")
        for number in range(2 * PORTION + 1)
    ]
    outcomes = await handler_over(mongo, current).respond(events)
    told = [published(outcome)[0].data for outcome in outcomes]
    assert [data.ticket_id for data in told] == [event.data.ticket.ticket_id for event in events]
    assert {data.decision for data in told} == {"answer"}
    assert len(await stored(mongo)) == len(events)


async def test_a_wave_of_which_a_part_cannot_be_stored_is_made_good_at_the_next_try(
    mongo: Mongo, current: Current, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [
        ticket_event("How long does a refund take?", f"T-{number}") for number in range(2 * PORTION)
    ]
    keep, tried = MongoResponses.keep, []

    async def away_once(self: MongoResponses, responses: Sequence[Kept]) -> Stored:
        tried.append(len(responses))
        if len(tried) == 2:
            raise TemporaryError("the database is away")
        return await keep(self, responses)

    monkeypatch.setattr(MongoResponses, "keep", away_once)
    handler = handler_over(mongo, current)
    with pytest.raises(TemporaryError, match="is away"):
        await handler.respond(events)
    before = await stored(mongo)
    outcomes = await handler.respond(events)
    told = [published(outcome)[0].data.ticket_id for outcome in outcomes]
    assert told == [event.data.ticket.ticket_id for event in events]
    after = await stored(mongo)
    assert len(after) == len(events)
    assert all(document in after for document in before)


async def test_an_action_under_way_is_not_broken_off_for_anothers_failure(
    company: Company, mongo: Mongo, current: Current, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nobody would know what became of the money."""
    keep, failed = MongoResponses.keep, asyncio.Event()

    async def away_once(self: MongoResponses, responses: Sequence[Kept]) -> Stored:
        if not failed.is_set():
            failed.set()
            raise TemporaryError("the database is away")
        return await keep(self, responses)

    class Slow:
        async def carry_out(self, order: Order) -> Answer:
            await failed.wait()
            await asyncio.sleep(0.1)
            return await company.office.carry_out(order)

    monkeypatch.setattr(MongoResponses, "keep", away_once)
    others = [ticket_event("How long does a refund take?", f"R-{n}") for n in range(PORTION)]
    handler = handler_over(mongo, current, catalogue=company.catalogue, back_office=Slow())
    with pytest.raises(TemporaryError, match="is away"):
        await handler.respond([*others, SMALL])
    (done,) = await mongo.database["action_results"].find().to_list(None)
    assert (done["begun"], done["result"]["status"]) == (1, "done")
    *_, response = await handler.respond([*others, SMALL])
    assert published(response)[0].data.decision == "act"
    assert len(await company.moved()) == 1


async def test_what_was_stored_goes_out_again_without_knowledge_or_encoder(
    mongo: Mongo, current: Current, tmp_path: Path
) -> None:
    event = EXAMPLES["own encoding"]
    first = await handler_over(mongo, current).respond([event])
    encoder = LazyEncoder(ModelStore(str(tmp_path)), tmp_path / "cache", 1)
    bare = handler_over(mongo, Current(Policy(0, 0.55)), encoder=encoder)
    assert in_bytes(await bare.respond([event])) == in_bytes(first)


async def test_what_is_published_again_is_what_was_stored_to_the_byte(
    mongo: Mongo, current: Current
) -> None:
    (first,) = await handler_over(mongo, current).respond([EXAMPLES["answer"]])
    (document,) = await stored(mongo)
    _, value, _ = encode(published(first)[1])
    assert value.decode() == document["data"]
    # As another version of the contract wrote it.
    other = document["data"].replace("{", '{"of_another_version": 1, ', 1)
    await mongo.database["responses"].update_one({}, {"$set": {"data": other}})
    (again,) = await handler_over(mongo, current).respond([EXAMPLES["answer"]])
    _, value, _ = encode(published(again)[1])
    assert value.decode() == other


async def test_an_answer_cites_what_it_says(mongo: Mongo, current: Current) -> None:
    (outcome,) = await handler_over(mongo, current).respond([EXAMPLES["answer"]])
    ready, kept = published(outcome)
    data = ready.data
    assert (data.decision, data.reasons, data.language) == ("answer", ("cited_answer",), "en")
    (citation,) = data.citations
    assert (citation.document, citation.section) == (REFUND.document, REFUND.section)
    assert citation.quote == REFUND.text and citation.quote in data.text
    assert (data.policy_version, data.model_version, data.propensity) == ("v0", "m1", 1.0)
    assert data.cost == {"encoder_passes": 1, "llm_tokens": 0}
    assert data.timings["classify"] == 20.0 and data.timings["personalize"] == 10.0
    assert data.timings["total"] == pytest.approx(
        data.timings["classify"] + data.timings["personalize"] + data.timings["generate"]
    )
    asked = kept.data.asked
    assert asked is not None and data.asked is None
    assert asked.text == EXAMPLES["answer"].data.ticket.text
    assert (asked.turn, asked.intents) == (1, EXAMPLES["answer"].data.understanding.intents)
    assert asked.answerable > 0.9
    assert replace(kept, data=kept.data.model_copy(update={"asked": None})) == ready


async def test_a_chinese_question_gets_the_chinese_answer(mongo: Mongo, current: Current) -> None:
    (outcome,) = await handler_over(mongo, current).respond([EXAMPLES["answer zh"]])
    data = published(outcome)[0].data
    assert (data.decision, data.language) == ("answer", "zh")
    assert ZH_REFUND.text in data.text


async def test_a_hand_over_comes_with_everything_prepared(mongo: Mongo, current: Current) -> None:
    event = ticket_event("cancel my order [PHONE_1], a human please", intent="human_agent")
    (outcome,) = await handler_over(mongo, current).respond([event])
    data = published(outcome)[0].data
    assert (data.decision, data.reasons) == ("escalate", ("asked_for_person",))
    assert data.handoff is not None and data.handoff.queue == "general"
    assert "cancel my order [PHONE_1]" in data.handoff.summary
    assert CANCEL.text in data.handoff.suggested_replies
    assert data.citations == ()


async def test_the_name_goes_out_but_never_into_the_loop_or_the_store(
    mongo: Mongo, current: Current
) -> None:
    event = EXAMPLES["answer by name"]
    for _ in range(2):
        (outcome,) = await handler_over(mongo, current).respond([event])
        ready, kept = published(outcome)
        assert ready.data.text.startswith("Hello Ann,")
        assert kept.data.text.startswith(f"Hello {NAME},")
        assert ready.id == kept.id
        of_the_loop = {"text": "", "asked": None}
        assert ready.data.model_copy(update=of_the_loop) == kept.data.model_copy(update=of_the_loop)
    assert "Ann" not in str(await stored(mongo))


async def test_a_seal_that_no_longer_opens_costs_the_name_and_nothing_else(
    mongo: Mongo, current: Current
) -> None:
    event = EXAMPLES["answer by name"]
    await handler_over(mongo, current).respond([event])
    # The key was taken out of the ring before the redelivery.
    (outcome,) = await handler_over(mongo, current, OTHER_RING).respond([event])
    ready, kept = published(outcome)
    assert ready.data.text.startswith("Hello,\n")
    assert NAME in kept.data.text


async def test_whoever_comes_second_publishes_the_first_ones_response(
    mongo: Mongo, current: Current
) -> None:
    events = list(EXAMPLES.values())
    one, other = handler_over(mongo, current), handler_over(mongo, current)
    one_told, other_told = await asyncio.gather(one.respond(events), other.respond(events))
    assert in_bytes(one_told) == in_bytes(other_told)
    assert len(await stored(mongo)) == len(events)


async def test_the_same_message_in_another_event_is_not_answered_again(
    mongo: Mongo, current: Current
) -> None:
    handler = handler_over(mongo, current)
    event = EXAMPLES["answer"]
    again = replace(event, id=ids.derived("a replay", event.id))
    first = await handler.respond([event])
    second = await handler.respond([again])
    assert in_bytes(second) == in_bytes(first)


async def test_without_its_encoder_a_ticket_waits(
    mongo: Mongo, current: Current, tmp_path: Path
) -> None:
    encoder = LazyEncoder(ModelStore(str(tmp_path)), tmp_path / "cache", 1)
    handler = handler_over(mongo, current, encoder=encoder)
    with pytest.raises(TemporaryError, match="make train"):
        await handler.respond([EXAMPLES["own encoding"]])
    assert await stored(mongo) == []


# -- policy and knowledge -------------------------------------------------------------------------


async def test_the_words_of_a_message_make_its_answer_surer(mongo: Mongo, current: Current) -> None:
    text = "How long does a refund take?"
    handler = handler_over(mongo, current)
    outcomes = await handler.respond(
        [ticket_event(text, "T-words"), ticket_event(text, "T-none", words=())]
    )
    with_words, without = (published(outcome)[0].data for outcome in outcomes)
    assert with_words.confidence > without.confidence


async def test_what_no_longer_holds_is_not_answered(mongo: Mongo, current: Current) -> None:
    today = NOON.date()
    for ticket, last, decision in (
        ("T-last-day", today, "answer"),
        ("T-day-after", today - timedelta(days=1), "escalate"),
    ):
        entries = (replace(REFUND, valid_until=last), CANCEL)
        current.take_knowledge(knowledge_of(entries))
        asked = ticket_event("How long does a refund take?", ticket)
        (outcome,) = await handler_over(mongo, current).respond([asked])
        response = published(outcome)[0].data
        assert response.decision == decision
        assert bool(response.citations) is (decision == "answer")
