"""Tickets that are a person's, until they give them back."""

from services.generate.current import Current
from shared.mongo import Mongo
from tests.component.generate.company import Company, released, said
from tests.component.generate.kit import (
    handler_over,
    sent,
)


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


async def test_hand_overs_are_in_the_agents_language(mongo: Mongo, current: Current) -> None:
    handler = handler_over(mongo, current, agent_language="zh")
    (response,) = sent(await handler.respond([said("I want a human", "human_agent")]))
    assert response.handoff is not None
    assert "诉求：human_agent" in response.handoff.summary
    assert response.language == "en"
