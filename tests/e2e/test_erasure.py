"""A customer asks to be forgotten: no database holds anything of them any more."""

from collections.abc import Iterator
from typing import Any

from deploy.system import System
from shared.events import CustomerErased, ErasureRequested, FeedbackRated
from tests.e2e.mongo import Dump, dump
from tests.e2e.tickets import report, ticket
from tests.e2e.wire import Message, Wire, data, headers

MARKS = ("erasures", "profiles")
"""Where the key stays for a while, so that what arrives late is forgotten, too."""
WORDS = ("zanzibar", "quokka", "okapi")
"""Said by nobody else."""


def tickets(who: str, customer: dict[str, Any]) -> list[Message]:
    """A question, an order looked up, and a hand-over, with a follow-up that is drafted."""
    return [
        ticket(
            f"{who}-asks",
            "I forgot my password on the way to Zanzibar. How do I reset it?",
            customer=customer,
        ),
        ticket(f"{who}-acts", "Where is my order 20261119-2001? quokka", customer=customer),
        ticket(
            f"{who}-person",
            "I want to speak to a real person about the okapi now.",
            message_id="m1",
            customer=customer,
        ),
    ]


async def test_an_erased_customer_is_gone_from_every_database(system: System, wire: Wire) -> None:
    ann = {"customer_id": "C-1002", "name": "Ann Lee", "identity": "verified"}
    bea = {**ann, "customer_id": "C-1002-b", "name": "Bea Moss"}
    hers, others = tickets("ann", ann), tickets("bea", bea)
    await wire.publish([*hers, *others])
    kinds = ("asks", "acts", "person")
    replies = [data(one) for one in await wire.replies(*(f"ann-{kind}" for kind in kinds))]
    await wire.replies(*(f"bea-{kind}" for kind in kinds))
    again = "How long does it take until a refund for the okapi arrives?"
    await wire.publish([ticket("ann-person", again, message_id="m2", customer=ann)])
    await wire.replies("ann-person", each=2)
    rating = {"ticket_id": "ann-asks", "customer_id": "C-1002", "rating": 5}
    await wire.publish([report(FeedbackRated, "ann-rates", rating)])
    await wire.settled()
    key: str = replies[0]["customer_key"]
    before = dump(system.runtime.endpoints.mongo)
    seals = [one async for one in sealed(wire, "ann-")]
    assert seals and list(found(before, key)) and list(found(before, *WORDS, *seals))

    wish = report(ErasureRequested, "ann-forgotten", {"customer_id": "C-1002"})
    await wire.publish([wish])
    await wire.until(
        "feedback",
        lambda records: any(headers(one)["ce_type"] == CustomerErased.TYPE for one in records),
    )
    await wire.settled()
    after = dump(system.runtime.endpoints.mongo)
    assert {place.partition(".")[2] for place, _ in found(after, key)} <= set(MARKS)
    assert [place for place, one in found(after, *WORDS, *seals) if "bea-" not in one] == []
    for place, documents in before.items():
        theirs = {name: one for name, one in documents.items() if "bea-" in str(one)}
        kept = {name: after[place].get(name) for name in theirs}
        assert kept == theirs, place

    # Whatever of it comes again makes no second reply, and brings nothing back.
    await wire.publish([*hers, wish])
    await wire.settled()
    assert len(await wire.replies(*(f"ann-{kind}" for kind in kinds))) == 4
    last = dump(system.runtime.endpoints.mongo)
    assert {place.partition(".")[2] for place, _ in found(last, key)} <= set(MARKS)
    assert [place for place, one in found(last, *WORDS, *seals) if "bea-" not in one] == []


def found(dumped: Dump, *secrets: str) -> Iterator[tuple[str, str]]:
    """Where any of these stands, and what stands there."""
    for place, documents in dumped.items():
        for document in documents.values():
            told = str(document)
            if any(secret.lower() in told.lower() for secret in secrets):
                yield place, told


async def sealed(wire: Wire, tickets: str) -> Any:
    """What was sealed of these tickets' originals."""
    for record in await wire.read("classify"):
        one: dict[str, Any] = data(record)["ticket"]
        if one["ticket_id"].startswith(tickets) and one.get("sealed"):
            yield one["sealed"]
