"""Drafts: which replies become some, and what agents make of them."""

import asyncio

import pytest

from services.generate.current import Current
from services.generate.domain.phrases import NAME
from services.generate.domain.policy import Margins, Policy
from shared.envelope import new_event
from shared.events import (
    ResponseReviewed,
)
from shared.mongo import Mongo
from tests.component.generate.company import Company, reviewed, said
from tests.component.generate.kit import (
    RING,
    handler_over,
    people_over,
    published,
    sent,
)
from tests.unit.generate.kit import NOON, REFUND

STRICT = Policy(1, 0.999)


@pytest.fixture
def drafting(company: Company, current: Current) -> Company:
    """Nothing is sure enough to be sent."""
    current.take_policy(STRICT)
    return company


async def test_a_draft_is_sent_once_it_is_approved(drafting: Company) -> None:
    asked = said("How long does a refund take?", "refund", originals={NAME: "Ann"})
    draft = await drafting.reply(asked)
    assert (draft.decision, draft.reasons) == ("draft", ("below_threshold",))
    assert REFUND.text in draft.text and draft.citations and draft.handoff is not None
    (outcome,) = await drafting.people.learn([reviewed(draft, "approved")])
    ready, kept = (event.data for event in published(outcome))
    assert ready.response_id != draft.response_id
    assert (ready.decision, ready.reasons) == ("answer", ("approved_by_agent",))
    assert ready.text.startswith("Hello Ann,") and REFUND.text in ready.text
    assert kept.text.startswith(f"Hello {NAME},")


async def test_an_agents_own_words_go_out_as_they_wrote_them(drafting: Company) -> None:
    draft = await drafting.reply(said("How long does a refund take?", "refund"))
    edited = reviewed(
        draft,
        "edited",
        final_text="Dear [EMAIL_1], four days. Bye [NAME_1]",
        sealed=RING.seal({"[EMAIL_1]": "ann@example.com", "[NAME_1]": "Kim"}, "T-1"),
    )
    (outcome,) = await drafting.people.learn([edited])
    ready, kept = (event.data for event in published(outcome))
    assert ready.text == "Dear ann@example.com, four days. Bye Kim"
    assert kept.text == "Dear [EMAIL_1], four days. Bye [NAME_1]"
    assert (ready.reasons, ready.written_by) == (("edited_by_agent",), "agent")


async def test_two_reviews_of_one_draft_at_once_send_one_text(drafting: Company) -> None:
    draft = await drafting.reply(said("How long does a refund take?", "refund"))
    reviews = [
        reviewed(draft, "approved", "one"),
        reviewed(draft, "edited", "two", final_text="mine"),
    ]
    both = await asyncio.gather(*(drafting.people.learn([review]) for review in reviews))
    texts = {published(outcome)[0].data.text for (outcome,) in both if outcome.publish}
    assert len(texts) == 1


async def test_a_review_of_somebody_elses_ticket_sends_nothing(drafting: Company) -> None:
    draft = await drafting.reply(said("How long does a refund take?", "refund"))
    other = reviewed(draft.model_copy(update={"ticket_id": "T-9"}), "approved")
    unknown = reviewed(draft.model_copy(update={"response_id": "nobody's"}), "approved", "x")
    outcomes = await drafting.people.learn([other, unknown])
    assert [outcome.publish for outcome in outcomes] == [(), ()]


async def test_some_answers_are_drafted_to_compare_with(mongo: Mongo, current: Current) -> None:
    handler = handler_over(mongo, current, margins=Margins(exploration=0.5))
    events = [said("How long does a refund take?", "refund", ticket=f"T-{n}") for n in range(40)]
    told = sent(await handler.respond(events))
    drafted = [one for one in told if one.decision == "draft"]
    assert 5 < len(drafted) < 35
    assert {one.reasons[0] for one in drafted} == {"explored"}
    assert {one.propensity for one in told} == {0.5}


async def test_the_passage_that_chance_drafts_is_what_the_agent_sends(
    mongo: Mongo, current: Current
) -> None:
    halves = {("passage", ""): {"first": 0.5, "second": 0.5}}
    current.take_policy(Policy(1, 1.0, choices=halves))
    handler = handler_over(mongo, current)
    events = [said("How long does a refund take?", "refund", ticket=f"T-{n}") for n in range(20)]
    told = sent(await handler.respond(events))
    others = [one for one in told if "other_passage" in one.reasons]
    assert 2 < len(others) < 18 and {one.decision for one in told} == {"draft"}
    assert all(REFUND.text in one.text for one in told if one not in others)
    other = others[0]
    ((cited,), handoff) = other.citations, other.handoff
    assert cited.quote in other.text and REFUND.text not in other.text
    assert handoff is not None and set(handoff.suggested_replies) == {REFUND.text, cited.quote}
    # How sure it is speaks of the nearest one.
    assert f'"{REFUND.heading}" ({other.confidence:.0%} sure)' in handoff.summary
    review = ResponseReviewed(
        ticket_id=other.ticket_id, response_id=other.response_id, verdict="approved"
    )
    approval = new_event(review, cause="approval", source="/careloop/test", now=NOON)
    (final,) = sent(await people_over(mongo).learn([approval]))
    assert cited.quote in final.text and final.reviewed == other.response_id
