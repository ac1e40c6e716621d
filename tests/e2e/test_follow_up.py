"""Several messages of a ticket, and several tickets of a customer."""

from typing import Any

from tests.e2e.tickets import EN, ticket
from tests.e2e.wire import Wire, data


def customer(number: int) -> dict[str, str]:
    return {"customer_id": f"follow-{number}", "name": "Nora Fielding", "email": "n@example.org"}


async def personalized(wire: Wire, ticket_id: str, messages: int) -> list[dict[str, Any]]:
    """What generate was given of the ticket, message by message."""
    found = await wire.until(
        "generate", lambda all: sum(one.key == ticket_id.encode() for one in all) >= messages
    )
    return [data(record) for record in found if record.key == ticket_id.encode()]


async def test_a_follow_up_is_the_next_turn_with_the_same_placeholders(wire: Wire) -> None:
    first = "Please send the papers to old@example.com, I am Nora Fielding."
    second = "Sorry, not to old@example.com but to new@example.com. Mine is n@example.org."
    for number, body in enumerate([first, second], 1):
        sent = ticket("follow-up", body, message_id=f"m{number}", customer=customer(1))
        await wire.publish([sent])
        await wire.replies("follow-up", each=number)
    one, two = await personalized(wire, "follow-up", 2)

    assert [one["ticket"]["turn"], two["ticket"]["turn"]] == [1, 2]
    # NAME_1 and EMAIL_1 are the customer's own; the rest are numbered as they come up.
    assert one["ticket"]["text"] == "Please send the papers to [EMAIL_2], I am [NAME_1]."
    assert two["ticket"]["text"] == "Sorry, not to [EMAIL_2] but to [EMAIL_3]. Mine is [EMAIL_1]."
    assert (one["customer"]["known"], one["customer"]["tickets"]) == (False, 0)
    assert (two["customer"]["known"], two["customer"]["tickets"]) == (True, 1)
    assert two["customer"]["messages"] == 1
    assert two["customer"]["by_intent"] == {one["understanding"]["intent"]: 1}


async def test_turns_sent_together_keep_their_order(wire: Wire) -> None:
    bodies = [f"{EN} This is the message number {number} of mine." for number in range(1, 6)]
    await wire.publish(
        ticket("five-turns", body, message_id=f"m{number}") for number, body in enumerate(bodies, 1)
    )
    replies = await wire.replies("five-turns", each=5)
    assert [data(reply)["message_id"] for reply in replies] == ["m1", "m2", "m3", "m4", "m5"]
    turns = [one["ticket"]["turn"] for one in await personalized(wire, "five-turns", 5)]
    assert turns == [1, 2, 3, 4, 5]


async def test_the_same_words_of_the_same_customer_get_one_reply(wire: Wire) -> None:
    said = f"{EN} I say this once, my system sends it twice."
    await wire.publish([ticket("said-once", said, customer=customer(4))])
    await wire.replies("said-once")
    await wire.publish(
        [
            ticket("sent-twice", said, customer=customer(4)),
            ticket("said-by-another", said, customer=customer(5)),
        ]
    )
    await wire.replies("said-by-another")
    await wire.settled()
    replied = {reply.key for reply in await wire.read("responses")}
    assert b"said-by-another" in replied
    assert b"sent-twice" not in replied


async def test_a_second_ticket_of_a_customer_knows_of_the_first(wire: Wire) -> None:
    for ticket_id in ("first-visit", "second-visit"):
        await wire.publish(
            [ticket(ticket_id, f"{EN} ({ticket_id})", channel="chat", customer=customer(2))]
        )
        await wire.replies(ticket_id)
    await wire.publish([ticket("stranger", customer=customer(3)), ticket("nobody")])
    await wire.replies("stranger", "nobody")
    (first,) = await personalized(wire, "first-visit", 1)
    (second,) = await personalized(wire, "second-visit", 1)
    (stranger,) = await personalized(wire, "stranger", 1)
    (nobody,) = await personalized(wire, "nobody", 1)

    assert second["ticket"]["customer_key"] == first["ticket"]["customer_key"]
    assert (second["customer"]["known"], second["customer"]["tickets"]) == (True, 1)
    assert second["customer"]["channels"] == {"chat": 1}
    for view in (first["customer"], stranger["customer"], nobody["customer"]):
        assert (view["known"], view["tickets"], view["messages"]) == (False, 0, 0)
    assert "customer_key" not in nobody["ticket"]


async def test_the_same_message_again_gets_no_second_reply(wire: Wire) -> None:
    again = ticket("twice", message_id="m1")
    await wire.publish([again, again])
    await wire.publish([again])
    await wire.settled()
    replies = await wire.replies("twice")
    assert len(replies) == 1
