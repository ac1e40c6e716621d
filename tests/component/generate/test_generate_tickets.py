"""Tickets of several messages: questions, actions, approvals, people; on a real database and a
real back office."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from deploy.backoffice.app import application
from deploy.backoffice.books import Books
from deploy.backoffice.faults import Faults
from services.generate.actions.backoffice import HttpBackOffice
from services.generate.current import Current
from services.generate.domain.actions.catalogue import Catalogue
from services.generate.domain.actions.parsing import parse
from services.generate.domain.phrases import NAME
from services.generate.domain.policy import Margins, Policy
from services.generate.settings import Settings
from shared.envelope import Event, encode, new_event
from shared.events import (
    CUSTOMER_ID,
    Consent,
    CustomerView,
    Entity,
    Manner,
    Recommendation,
    ResponseGenerated,
    ResponseReviewed,
    TicketPersonalized,
    TicketReleased,
)
from shared.mongo import Mongo
from tests.component.generate.kit import (
    RING,
    handler_over,
    people_over,
    published,
    sent,
)
from tests.unit.generate.kit import NOON, REFUND, ZH_REFUND, ticket_event


@pytest.fixture
def catalogue() -> Catalogue:
    return parse(Settings().actions.read_text("utf-8"))


class Company:
    """The worker with the company's systems behind it; `faults` may be set."""

    def __init__(
        self, mongo: Mongo, current: Current, catalogue: Catalogue, office: HttpBackOffice, url: str
    ) -> None:
        self.mongo = mongo
        self.office = office
        self.url = url
        self.handler = handler_over(mongo, current, catalogue=catalogue, back_office=office)
        self.people = people_over(mongo, catalogue=catalogue, back_office=office)

    async def reply(self, event: Event[TicketPersonalized]) -> ResponseGenerated:
        (response,) = sent(await self.handler.respond([event]))
        return response

    async def moved(self) -> list[Any]:
        async with self.office._http().get(f"{self.url}/ledger") as response:
            ledger = await response.json()
        return list(ledger["movements"] if isinstance(ledger, dict) else ledger)


@pytest.fixture
async def company(
    mongo: Mongo, current: Current, catalogue: Catalogue, tmp_path: Path
) -> AsyncIterator[Company]:
    async with TestServer(application(Books(tmp_path / "books.sqlite"), Faults())) as server:
        url = str(server.make_url("/")).rstrip("/")
        office = HttpBackOffice(url)
        yield Company(mongo, current, catalogue, office, url)
        await office.close()


def said(
    text: str,
    intent: str,
    *entities: tuple[str, str, str | None],
    ticket: str = "T-1",
    turn: int = 1,
    customer: str | None = "C-1002",
    originals: dict[str, str] | None = None,
    **more: Any,
) -> Event[TicketPersonalized]:
    """A message of a ticket from a customer who is logged in; entities as (type, written, unit)."""
    sealed = {**({CUSTOMER_ID: customer} if customer else {}), **(originals or {})}
    view = more.pop("view", {})
    event = ticket_event(
        text,
        ticket,
        intent=intent,
        turn=turn,
        message_id=f"m{turn}",
        identity=more.pop("identity", "verified"),
        sealed=RING.seal(sealed, ticket) if sealed else None,
        **more,
    )
    found = tuple(
        Entity(
            type=kind,
            text=written,
            value="".join(filter(str.isalnum, written)) if kind == "order" else written,
            unit=unit,
            start=text.index(written),
            end=text.index(written) + len(written),
        )
        for kind, written, unit in entities
    )
    data = event.data.model_copy(
        update={
            "understanding": event.data.understanding.model_copy(update={"entities": found}),
            "customer": CustomerView(
                personalized_at=event.data.customer.personalized_at, known=True, **view
            ),
        }
    )
    return Event(event.id, event.source, event.time, event.traceparent, data)


def reviewed(
    response: ResponseGenerated, verdict: str, cause: str = "review", **more: Any
) -> Event[Any]:
    data = ResponseReviewed(
        ticket_id=response.ticket_id,
        response_id=response.response_id,
        verdict=verdict,
        occurred_at=NOON,
        **more,
    )
    return new_event(data, cause=cause, source="/careloop/ingest", now=NOON)


def released(ticket: str = "T-1", cause: str = "release") -> Event[Any]:
    data = TicketReleased(ticket_id=ticket, occurred_at=NOON)
    return new_event(data, cause=cause, source="/careloop/ingest", now=NOON)


STATUS = said("Where is my order 20261119-2001?", "order_status", ("order", "20261119-2001", None))
HELD = said(
    "Please transfer 900 GBP to account [ACCOUNT_1]",
    "transfer",
    ("amount", "900", "GBP"),
    originals={"[ACCOUNT_1]": "GB94BARC10201530093459"},
)
SMALL = said(
    "Please transfer 100 GBP to account [ACCOUNT_1]",
    "transfer",
    ("amount", "100", "GBP"),
    originals={"[ACCOUNT_1]": "GB94BARC10201530093459"},
)


async def test_an_order_is_looked_up(company: Company) -> None:
    response = await company.reply(STATUS)
    assert (response.decision, response.reasons) == ("act", ("action_done",))
    assert response.action is not None
    assert (response.action.name, response.action.status) == ("order_status", "done")
    assert "Your order 20261119-2001 (Lumen Router)" in response.text
    assert "expected on 2026-11-27" in response.text
    assert response.handoff is None


async def test_a_question_back_and_its_follow_up(company: Company) -> None:
    asked = await company.reply(
        said("请帮我退货", "return_exchange", language="zh", customer="C-1001")
    )
    assert (asked.decision, asked.reasons) == ("ask", ("argument_missing",))
    assert "订单号" in asked.text
    assert asked.action is not None
    assert (asked.action.status, asked.action.missing) == ("asking", ("order",))
    number = said(
        "20261110-1003",
        "out_of_scope",
        ("order", "20261110-1003", None),
        turn=2,
        language="zh",
        customer="C-1001",
    )
    opened = await company.reply(number)
    assert (opened.decision, opened.reasons) == ("act", ("action_done",))
    assert "退货单" in opened.text and "Lumen 手表" in opened.text


async def test_money_within_the_limit_moves_once(company: Company) -> None:
    first = await company.reply(SMALL)
    assert (first.decision, first.reasons) == ("act", ("action_done",))
    assert "100.00 GBP" in first.text
    # Accounts are shown by their last digits only, and never in the loop.
    assert "3459" in first.text and "GB94BARC10201530093459" not in first.text
    kept = published((await company.handler.respond([SMALL]))[0])[1].data
    assert "[ACCOUNT_1]" in kept.text and "3459" not in kept.text
    assert len(await company.moved()) == 1


async def test_a_transfer_above_the_limit_waits_for_approval(company: Company) -> None:
    held = await company.reply(HELD)
    assert held.decision == "escalate"
    assert "above_limit" in held.reasons
    assert held.action is not None and held.action.status == "awaiting_approval"
    assert held.handoff is not None and held.handoff.queue == "banking"
    assert "900" in held.handoff.summary
    assert await company.moved() == []
    approval = reviewed(held, "approved")
    (outcome,) = await company.people.learn([approval])
    final = published(outcome)[0].data
    assert (final.decision, final.reviewed) == ("act", held.response_id)
    assert final.reasons == ("approved_by_agent", "action_done")
    assert final.action is not None
    assert final.action.idempotency_key == held.action.idempotency_key
    assert "3459" in final.text and "has to approve" not in final.text
    assert len(await company.moved()) == 1
    # The same again, and another agent's verdict: nothing more happens.
    (again,) = await company.people.learn([approval])
    assert encode(published(again)[0]) == encode(published(outcome)[0])
    (late,) = await company.people.learn([reviewed(held, "approved", "a second one")])
    assert late.publish == ()
    assert len(await company.moved()) == 1


async def test_a_follow_up_acts_on_what_the_message_before_it_told(company: Company) -> None:
    """The payee's original stands in the first message's seal only."""
    asked = await company.reply(
        said(
            "Please transfer money to account [ACCOUNT_1]",
            "transfer",
            originals={"[ACCOUNT_1]": "GB94BARC10201530093459"},
        )
    )
    assert asked.action is not None
    assert (asked.decision, asked.action.missing) == ("ask", ("amount",))
    done = await company.reply(said("120 GBP", "transfer", ("amount", "120", "GBP"), turn=2))
    assert (done.decision, done.reasons) == ("act", ("action_done",))
    assert "3459" in done.text
    (movement,) = await company.moved()
    assert "GB94BARC10201530093459" in str(movement)


async def test_what_was_rejected_is_not_done_even_if_approved_later(company: Company) -> None:
    held = await company.reply(HELD)
    for cause, verdict in (("no", "rejected"), ("yes", "approved")):
        (outcome,) = await company.people.learn([reviewed(held, verdict, cause)])
        assert outcome.publish == ()
    assert await company.moved() == []


async def test_nobody_unverified_has_money_moved_by_approval_either(company: Company) -> None:
    claimed = said(
        "Please transfer 900 GBP to account [ACCOUNT_1]",
        "transfer",
        ("amount", "900", "GBP"),
        originals={"[ACCOUNT_1]": "GB94BARC10201530093459"},
        identity="claimed",
    )
    asked = await company.reply(claimed)
    assert (asked.decision, asked.reasons) == ("ask", ("identity_not_verified",))
    await company.people.learn([reviewed(asked, "approved")])
    assert await company.moved() == []


async def test_a_back_office_that_is_down_is_a_persons_case(
    mongo: Mongo, current: Current, catalogue: Catalogue
) -> None:
    office = HttpBackOffice("http://127.0.0.1:9", connect_seconds=0.2)
    handler = handler_over(mongo, current, catalogue=catalogue, back_office=office)
    (response,) = sent(await handler.respond([SMALL]))
    await office.close()
    assert response.decision == "escalate"
    assert "action_failed" in response.reasons
    assert response.action is not None and response.action.result["outcome"] == "not_sent"
    assert response.handoff is not None


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


async def test_a_ticket_handed_over_is_the_persons_until_released(company: Company) -> None:
    handed = await company.reply(said("I want a human", "human_agent"))
    assert handed.decision == "escalate" and handed.text
    prepared = await company.reply(said("How long does a refund take?", "refund", turn=2))
    assert (prepared.decision, prepared.reasons) == ("draft", ("with_a_person",))
    silent = await company.reply(said("Any news on 20261122-2002?", "order_status", turn=3))
    assert (silent.decision, silent.text, silent.action) == ("escalate", "", None)
    assert silent.handoff is not None and "20261122-2002" in silent.handoff.summary
    await company.people.learn([released()])
    again = await company.reply(said("How long does a refund take?", "refund", turn=4))
    assert again.decision == "answer"
    other = await company.reply(said("How long does a refund take?", "refund", ticket="T-2"))
    assert other.decision == "answer"


async def test_a_release_frees_what_was_before_it_and_nothing_after(company: Company) -> None:
    await company.people.learn([released(cause="before anything was said")])
    await company.reply(said("I want a human", "human_agent"))
    held = await company.reply(said("How long does a refund take?", "refund", turn=2))
    assert held.decision == "draft"
    release = released()
    await company.people.learn([release])
    await company.reply(said("I want a human again", "human_agent", turn=3))
    # Delivered again it says nothing new.
    await company.people.learn([release])
    again = await company.reply(said("How long does a refund take?", "refund", turn=4))
    assert (again.decision, again.reasons) == ("draft", ("with_a_person",))


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


OFFER = {
    "consent": Consent(recommendations=True),
    "recommendations": (
        Recommendation(
            item_id="SKU-1", title="Lumen Lamp", reason="bought_together", because="Lumen One"
        ),
    ),
}


@pytest.mark.parametrize(("selling", "offered"), [(True, 1), (False, 0)])
async def test_one_thing_is_offered_where_that_is_welcome(
    company: Company, selling: bool, offered: int
) -> None:
    view = {**OFFER, "manner": Manner(selling=selling)}
    response = await company.reply(said("How long does a refund take?", "refund", view=view))
    assert response.decision == "answer"
    assert len(response.recommendations) == offered
    assert response.text.count("Lumen Lamp is often chosen together with Lumen One") == offered


async def test_the_manner_is_the_customers(company: Company) -> None:
    view = {"manner": Manner(tone="friendly", brief=True, empathy_first=True)}
    response = await company.reply(
        said("退款多久到账？", "refund", language="zh", view=view, originals={NAME: "李雷"})
    )
    assert response.text.startswith("李雷，你好！给你添麻烦了")
    assert ZH_REFUND.text in response.text and "直接回复" not in response.text


async def test_hand_overs_are_in_the_agents_language(mongo: Mongo, current: Current) -> None:
    handler = handler_over(mongo, current, agent_language="zh")
    (response,) = sent(await handler.respond([said("I want a human", "human_agent")]))
    assert response.handoff is not None
    assert "诉求：human_agent" in response.handoff.summary
    assert response.language == "en"


async def test_redelivery_after_a_crash_before_the_reply_was_stored(company: Company) -> None:
    """The action was carried out and its result stored; the reply is made from that."""
    first = await company.reply(SMALL)
    await company.mongo.database["responses"].delete_many({})
    again = await company.reply(SMALL)
    assert again.text == first.text
    assert len(await company.moved()) == 1
