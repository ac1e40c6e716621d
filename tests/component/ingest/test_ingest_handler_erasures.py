"""Wishes to be forgotten: carried out, passed on under the customer's key, and kept in mind."""

from datetime import timedelta
from typing import Any

import pytest

from services.ingest.domain.reading import Rules
from services.ingest.handlers import IngestHandler
from services.ingest.mongo import MongoMessages
from shared.envelope import Event
from shared.events import CustomerErased, ErasureRequested
from shared.mongo import Mongo
from shared.outcome import DONE
from shared.topics import FEEDBACK
from tests.component.ingest.kit import (
    NOON,
    REMEMBER,
    WINDOW,
    contents,
    message,
    process,
    read_at,
    ticket,
    written,
)

ANN = {"customer_id": "C-1", "name": "Ann Lee", "email": "ann@lee.example"}
BEA = {"email": "bea@moss.example"}


def wish(offset: int = 9, **given: Any) -> Event[Any]:
    return read_at(ErasureRequested(**{"customer_id": "C-1", **given}), offset)


@pytest.mark.parametrize("customer", [ANN, BEA], ids=["by id", "by e-mail"])
async def test_of_a_forgotten_customer_it_is_known_that_they_were_let_in(
    handler: IngestHandler, mongo: Mongo, rules: Rules, customer: dict[str, str]
) -> None:
    hers = message(1, "T-1", "mail to ann@lee.example in Zanzibar", customer=customer)
    other = message(2, "T-2", "my parcel", customer={"customer_id": "C-2"})
    mine, theirs = await handler.take([hers, other])
    before = await contents(mongo)
    assert "Zanzibar" in str(before)
    named: dict[str, Any] = {"customer_id": None, **customer} if customer is BEA else {}
    named.pop("name", None)
    (outcome,) = await handler.take([wish(**named)])
    (passed,) = outcome.publish
    told = passed.event.data
    assert passed.topic is FEEDBACK and isinstance(told, CustomerErased)
    assert told.customer_key == ticket(mine).customer_key
    left = await contents(mongo)
    left.pop("erasures")
    gone = ("Zanzibar", str(ticket(mine).sealed), told.customer_key)
    assert not any(one in str(left) for one in gone)
    assert [one for one in left["messages"] if one["ticket_id"] == "T-2"] == [
        one for one in before["messages"] if one["ticket_id"] == "T-2"
    ]
    # Delivered again it says nothing more, and brings nothing back.
    again = await process(MongoMessages(mongo, REMEMBER, WINDOW), mongo, rules).take([hers, other])
    assert again[0] == DONE and written(again[1:]) == written([theirs])
    assert (await contents(mongo))["messages"] == left["messages"]


async def test_a_wish_without_a_time_keeps_the_one_at_which_it_came(
    handler: IngestHandler,
) -> None:
    first = written(await handler.take([wish()]))
    assert written(await handler.take([wish()])) == first


async def test_what_is_written_after_the_wish_stays(handler: IngestHandler, mongo: Mongo) -> None:
    await handler.take([message(1, "T-1", "before", customer=ANN)])
    # Somebody's clock is ahead: it is meant as of now.
    await handler.take([wish(requested_at=NOON + timedelta(days=7))])
    await handler.take([message(2, "T-2", "after in Zanzibar", customer=ANN)])
    await handler.forget_late_ones()
    assert "Zanzibar" in str((await contents(mongo))["messages"])


async def test_what_was_let_in_meanwhile_is_forgotten_later(
    handler: IngestHandler, mongo: Mongo, rules: Rules
) -> None:
    stored = MongoMessages(mongo, REMEMBER, WINDOW)
    late = process(stored, mongo, rules, now=lambda: NOON)
    await handler.take([wish(requested_at=NOON + timedelta(seconds=1))])
    await late.take([message(1, "T-1", "late in Zanzibar", customer=ANN)])
    assert "Zanzibar" in str(await contents(mongo))
    await late.forget_late_ones()
    assert "Zanzibar" not in str(await contents(mongo))
