"""Questions, actions and what is offered beside them, on a real database and a real back office."""

import pytest

from services.generate.actions.backoffice import HttpBackOffice
from services.generate.current import Current
from services.generate.domain.actions.catalogue import Catalogue
from services.generate.domain.phrases import NAME
from shared.envelope import encode
from shared.events import (
    Consent,
    Manner,
    Recommendation,
)
from shared.mongo import Mongo
from tests.component.generate.company import HELD, SMALL, STATUS, Company, reviewed, said
from tests.component.generate.kit import (
    handler_over,
    published,
    sent,
)
from tests.unit.generate.kit import ZH_REFUND


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


async def test_redelivery_after_a_crash_before_the_reply_was_stored(company: Company) -> None:
    """The action was carried out and its result stored; the reply is made from that."""
    first = await company.reply(SMALL)
    await company.mongo.database["responses"].delete_many({})
    again = await company.reply(SMALL)
    assert again.text == first.text
    assert len(await company.moved()) == 1
