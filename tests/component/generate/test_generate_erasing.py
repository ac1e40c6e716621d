"""A customer is forgotten: it is left that there was a reply, so that there is no second."""

from datetime import timedelta
from typing import Any

from services.generate.actions.mongo import MongoResults, MongoSteps
from services.generate.current import Current
from services.generate.domain.policy import Policy
from services.generate.erasing import Forgetting
from services.generate.mongo import MongoResponses
from shared.envelope import Event, new_event
from shared.erasing import Eraser
from shared.events import CustomerErased, ResponseReviewed
from shared.mongo import Mongo, MongoErasures
from shared.outcome import DONE
from tests.component.generate.company import Company, reviewed, said
from tests.component.generate.kit import RING, handler_over, people_over, sent
from tests.unit.generate.kit import NOON, ticket_event

WISH: Event[Any] = new_event(
    CustomerErased(customer_key="erased", requested_at=NOON + timedelta(minutes=1)),
    cause="wish",
    source="/careloop/ingest",
    now=NOON,
)


def eraser(mongo: Mongo) -> Eraser:
    """As the worker's composition root has it."""
    forgetting = Forgetting(MongoResponses(mongo), MongoSteps(mongo), MongoResults(mongo))
    return Eraser(MongoErasures(mongo), forgetting.forget)


def transfer(turn: int = 1) -> Event[Any]:
    return said(
        "Please transfer 100 GBP to account [ACCOUNT_1]",
        "transfer",
        ("amount", "100", "GBP"),
        turn=turn,
        originals={"[ACCOUNT_1]": "GB94BARC10201530093459"},
        customer_key="erased",
    )


def asked(ticket: str, customer: str, **more: Any) -> Event[Any]:
    sealed = RING.seal({"[NAME_1]": "Zoe"}, ticket)
    return ticket_event(ticket_id=ticket, customer_key=customer, sealed=sealed, **more)


async def contents(mongo: Mongo) -> dict[str, list[Any]]:
    names = ("responses", "action_steps", "action_results", "reviews")
    return {name: await mongo.database[name].find().sort("_id").to_list(None) for name in names}


async def test_the_reply_is_gone_and_is_not_made_again(mongo: Mongo, current: Current) -> None:
    handler = handler_over(mongo, current)
    hers, other = asked("T-1", "erased"), asked("T-2", "stays")
    first = await handler.respond([hers, other])
    (before,) = [one for one in (await contents(mongo))["responses"] if one["ticket_id"] == "T-2"]
    await eraser(mongo).erase([WISH])
    responses = {one["ticket_id"]: one for one in (await contents(mongo))["responses"]}
    assert responses["T-2"] == before
    left = str(responses["T-1"])
    assert "refund takes" not in left and "erased'," not in left and not responses["T-1"]["seals"]
    # Delivered again there is nothing to say; to others it is said as before.
    assert await handler_over(mongo, current).respond([hers, other]) == [DONE, first[1]]


async def test_a_draft_that_was_forgotten_cannot_be_approved(
    mongo: Mongo, current: Current
) -> None:
    events = [
        asked("T-1", "erased", intent="complaint"),
        asked("T-1", "erased", message_id="m2", turn=2),
    ]
    handed, draft = [sent(await handler_over(mongo, current).respond([one]))[0] for one in events]
    assert (handed.decision, draft.decision) == ("escalate", "draft")
    await eraser(mongo).erase([WISH])
    review = ResponseReviewed(ticket_id="T-1", response_id=draft.response_id, verdict="approved")
    approval = new_event(review, cause="approval", source="/careloop/test", now=NOON)
    assert await people_over(mongo).learn([approval]) == [DONE]
    assert len((await contents(mongo))["responses"]) == 2


async def test_what_comes_late_is_forgotten_and_what_is_new_is_not(
    mongo: Mongo, current: Current
) -> None:
    await eraser(mongo).erase([WISH])
    new = asked("T-3", "erased", received_at=NOON + timedelta(minutes=2))
    await handler_over(mongo, current).respond([asked("T-1", "erased"), new])
    await eraser(mongo).again()
    left = {
        one["ticket_id"]: one.get("erased", False) for one in (await contents(mongo))["responses"]
    }
    assert left == {"T-1": True, "T-3": False}
    before = await contents(mongo)
    await eraser(mongo).again()
    await eraser(mongo).erase([WISH])
    assert await contents(mongo) == before


async def test_money_that_was_moved_is_not_moved_again_unseen(company: Company) -> None:
    first = await company.reply(transfer())
    assert first.decision == "act" and len(await company.moved()) == 1
    await eraser(company.mongo).erase([WISH])
    left = str(await contents(company.mongo))
    assert not any(
        told in left for told in ("GBP", "ACCOUNT_1", "3459", "'customer_key': 'erased'")
    )
    assert await company.handler.respond([transfer()]) == [DONE]
    again = await company.reply(transfer(turn=2))
    assert again.decision == "escalate" and "repeated_request" in again.reasons
    assert len(await company.moved()) == 1


async def test_what_was_sent_for_a_draft_after_the_wish_is_gone_as_well(
    mongo: Mongo, current: Current
) -> None:
    current.take_policy(Policy(1, 1.0))
    (draft,) = sent(await handler_over(mongo, current).respond([asked("T-1", "erased")]))
    later = NOON + timedelta(minutes=5)
    edited = reviewed(draft, "edited", final_text="Dear Zoe, it is on its way.")
    (final,) = sent(await people_over(mongo, now=lambda: later).learn([edited]))
    assert "Zoe" in final.text
    await eraser(mongo).erase([WISH])
    assert "Zoe" not in str(await contents(mongo))
