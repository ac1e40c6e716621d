"""A customer is forgotten: their words and who they were, not how they were served."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.feedback.erasing import Forgetting
from services.feedback.mongo import MongoHistories, MongoOutcomes
from services.feedback.rebuild import rebuild
from shared.envelope import Event
from shared.erasing import Eraser
from shared.events import CustomerErased
from shared.mongo import Mongo, MongoErasures
from shared.outcome import Handler
from tests.component.feedback.kit import at, empty_database, handler, messages, stored, told
from tests.component.feedback.test_feedback_rebuild import batches, read
from tests.unit.feedback.quality_kit import HISTORY, HOUR, response

ASKED: dict[str, Any] = {"text": "my parcel to Zanzibar", "received_at": at(1)}
HERS = [
    response(1, "E-1", customer_key="erased", decision="draft", text="Dear Zoe", asked=ASKED),
    response(3, "E-1", customer_key="erased", asked={**ASKED, "received_at": at(3)}),
    *HISTORY,
]
WISH = told(CustomerErased(customer_key="erased", requested_at=at(HOUR)))


def loop(mongo: Mongo) -> Handler:
    """As the worker's composition root has it."""
    histories, outcomes = MongoHistories(mongo), MongoOutcomes(mongo)
    forgetting = Forgetting(histories, outcomes, messages(mongo))
    return Eraser(MongoErasures(mongo), forgetting.forget).beside(handler(mongo).record)


async def state(mongo: Mongo) -> dict[str, Any]:
    return await stored(mongo, "tickets", "outcomes", "waiting", "messages", "erasures")


async def after(mongo: Mongo, *waves: Sequence[Event[Any]]) -> dict[str, Any]:
    for wave in waves:
        await loop(mongo)(wave)
    return await state(mongo)


async def test_what_they_wrote_is_gone_and_what_became_of_it_stays(mongo: Mongo) -> None:
    before = await after(mongo, HERS)
    assert "Zanzibar" in str(before) and "Zoe" in str(before) and "erased" in str(before)
    left = await after(mongo, [WISH])
    (mark,) = left.pop("erasures")
    assert mark["_id"] == "erased"
    assert not any(word in str(left) for word in ("Zanzibar", "Zoe", "erased"))
    assert len(left["outcomes"]) == len(before["outcomes"])
    others = [one for one in before["outcomes"] if one["ticket_id"] != "E-1"]
    assert [one for one in left["outcomes"] if one["ticket_id"] != "E-1"] == others


async def test_late_early_or_twice_it_ends_the_same(mongo: Mongo, mongo_url: str) -> None:
    expected = await after(mongo, HERS, [WISH])
    for waves in (
        [[WISH], HERS],
        [HERS[:1], [WISH], HERS],
        [HERS, [WISH], HERS, [WISH]],
        [HERS, [WISH], HERS[:1], HERS[1:]],
    ):
        async with empty_database(mongo_url) as other:
            assert await after(other, *waves) == expected


async def test_a_rebuild_forgets_as_well(mongo: Mongo, mongo_url: str) -> None:
    expected = await after(mongo, HERS, [WISH])
    async with empty_database(mongo_url) as anew:
        await rebuild(anew, batches(read([*HERS, WISH]), 7))
        assert await state(anew) == expected


async def test_who_writes_again_later_is_a_new_customer(mongo: Mongo) -> None:
    later = at(HOUR) + timedelta(minutes=5)
    new = response(
        70,
        "E-2",
        customer_key="erased",
        asked={"text": "hello, it is me", "received_at": later},
        created_at=later,
    )
    left = await after(mongo, HERS, [WISH], [new])
    assert "hello, it is me" in str(left["messages"])
    hers = [one["ticket_id"] for one in left["outcomes"] if one.get("customer_key") == "erased"]
    assert hers == ["E-2"]
