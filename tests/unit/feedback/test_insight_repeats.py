"""Repeat contacts, counted by hand, and what causes them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Message
from services.feedback.domain.insight.periods import Periods
from services.feedback.domain.insight.rates import larger_share
from services.feedback.domain.insight.repeats import causes, contacts
from tests.unit.feedback.insight_messages import END, messages

WEEKS = Periods.until(END, 7)
ONE = replace(messages()[0], intent="refund", queue=None, products=())
START = END - timedelta(days=6)


def contact(ticket: str, hours: float, **changes: Any) -> Message:
    at = START + timedelta(hours=hours)
    fields: dict[str, Any] = {"ticket_id": ticket, "customer_key": "c", "at": at} | changes
    return replace(ONE, **fields)


def repeated(*told: Message) -> dict[str, str | None]:
    """By ticket the one that repeats it."""
    return {
        one.message.ticket_id: None if one.again is None else one.again.ticket_id
        for one in contacts(told, WEEKS, Limits())
    }


def test_within_72_hours_counts_and_later_does_not() -> None:
    assert repeated(contact("A", 0), contact("B", 72)) == {"A": "B", "B": None}
    assert repeated(contact("A", 0), contact("B", 72.01))["A"] is None


@pytest.mark.parametrize(
    ("first", "second", "again"),
    [
        ({}, {"intent": "loan"}, None),
        ({"products": ("X", "Y")}, {"intent": "loan", "products": ("Y",)}, "B"),
        ({"products": ("X",)}, {"intent": "loan", "products": ("Y",)}, None),
        ({}, {"customer_key": "other"}, None),
        ({}, {"ticket_id": "A", "message_id": "m2"}, None),
    ],
)
def test_what_repeats_a_contact(
    first: dict[str, Any], second: dict[str, Any], again: str | None
) -> None:
    told = contact("A", 0, **first), contact("B", 5, **second)
    assert repeated(*told)["A"] == again
    opened = {message.ticket_id for message in told}
    assert len(contacts(told, WEEKS, Limits())) == len(opened), "a follow-up is no contact"


def test_another_wish_between_does_not_hide_the_repeat() -> None:
    assert repeated(contact("A", 0), contact("B", 1, intent="loan"), contact("C", 2)) == {
        "A": "C",
        "B": None,
        "C": None,
    }


def test_contacts_without_their_full_time_are_not_judged() -> None:
    assert repeated(contact("A", 80)) == {}
    assert repeated(contact("A", 72), contact("B", 72.01)) == {"A": "B"}
    # A day's report counts the day that ended three days ago.
    day = Periods.until(END, 1)
    told = contact("A", 60, customer_key="a"), contact("B", 47, customer_key="b")
    assert [c.message.ticket_id for c in contacts(told, day, Limits())] == ["A"]


def test_unknown_customers_are_not_counted() -> None:
    told = contact("A", 0, customer_key=None), contact("B", 1, customer_key=None)
    assert repeated(*told) == {}


def pairs(name: str, repeats: int, single: int, **changes: Any) -> list[Message]:
    """Customers with a contact each; so many come again when it is too late to be judged."""
    told = []
    for number in range(repeats + single):
        customer = f"{name}{number}"
        first = contact(f"{customer}-1", 0, customer_key=customer, **changes)
        told.append(replace(first, at=END - timedelta(hours=80)))
        if number < repeats:
            second = replace(first, ticket_id=f"{customer}-2", at=END - timedelta(hours=71))
            told.append(second)
    return told


def test_shares_by_hand() -> None:
    told = pairs("v", 6, 2, products=("Orbit V8",)) + pairs("o", 4, 28)
    (cause,) = causes(told, WEEKS, Limits())
    assert (cause.kind, cause.name) == ("product", "Orbit V8")
    assert (cause.share.part, cause.share.whole) == (6, 8)
    assert (cause.others.part, cause.others.whole) == (4, 32)
    assert cause.q_value == pytest.approx(larger_share(6, 8, 4, 32))
    assert len({m.ticket_id for m in cause.messages}) == 12


def test_queues_are_causes_too() -> None:
    told = pairs("v", 6, 2, queue="technical") + pairs("o", 4, 28, queue="sales")
    assert [(c.kind, c.name) for c in causes(told, WEEKS, Limits())] == [("queue", "technical")]


def test_as_often_as_elsewhere_is_no_cause() -> None:
    told = pairs("v", 6, 12, products=("V8",)) + pairs("o", 12, 24)
    assert causes(told, WEEKS, Limits()) == ()


def test_a_few_repeats_or_few_customers_are_no_cause() -> None:
    rest = pairs("o", 0, 60)
    assert causes(pairs("v", 4, 0, products=("V8",)) + rest, WEEKS, Limits()) == ()
    daily = [contact(f"d{n}", n, customer_key="one", products=("V8",)) for n in range(20)]
    assert causes(daily + rest, WEEKS, Limits()) == ()


def test_the_planted_product_and_its_queue_are_found() -> None:
    found = {(c.kind, c.name): c for c in causes(messages(), WEEKS, Limits())}
    assert set(found) == {("product", "Orbit V8"), ("queue", "technical")}
    assert found["product", "Orbit V8"].share.part == 16
