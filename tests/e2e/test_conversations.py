"""Conversations from published message to reply, through all five workers and the demo's back
office."""

from typing import Any

from shared.events import ResponseReviewed, TicketReleased
from tests.e2e.tickets import EN, report, ticket
from tests.e2e.wire import Wire, data

LEI = {"customer_id": "C-1001", "name": "李雷", "identity": "claimed"}
VERIFIED = {**LEI, "identity": "verified"}
ACCOUNT = "6217000099990003"


async def reply(wire: Wire, ticket_id: str, number: int) -> dict[str, Any]:
    """The ticket's response of this number, as the upstream reads it."""
    replies = await wire.replies(ticket_id, each=number)
    return data(replies[number - 1])


async def test_a_question_back_is_answered_and_a_return_is_opened(wire: Wire) -> None:
    bodies = ["这块手表我不想要了，请帮我退货", "订单号是 20261110-1003"]
    decisions = []
    for number, body in enumerate(bodies, 1):
        await wire.publish([ticket("returned", body, message_id=f"m{number}", customer=LEI)])
        response = await reply(wire, "returned", number)
        decisions.append((response["decision"], response["action"]["status"]))
    assert decisions == [("ask", "asking"), ("act", "done")]
    assert "退货单" in response["text"] and response["text"].startswith("李雷，您好！")


async def test_a_transfer_is_held_until_it_is_approved_and_then_made_once(wire: Wire) -> None:
    body = f"请帮我转账 5000 元到账号 {ACCOUNT}"
    await wire.publish([ticket("held", body, customer=VERIFIED)])
    held = await reply(wire, "held", 1)
    assert (held["decision"], held["action"]["status"]) == ("escalate", "awaiting_approval")
    approval = report(
        ResponseReviewed,
        "approval",
        {
            "ticket_id": "held",
            "response_id": held["response_id"],
            "verdict": "approved",
            "agent_id": "A-7",
        },
    )
    await wire.publish([approval])
    final = await reply(wire, "held", 2)
    assert (final["decision"], final["action"]["status"]) == ("act", "done")
    assert final["reviewed"] == held["response_id"]
    assert ACCOUNT not in final["text"] and ACCOUNT[-4:] in final["text"]
    for topic in ("generate", "feedback"):
        said = b"".join(record.value or b"" for record in await wire.until(topic, bool))
        assert ACCOUNT.encode() not in said


async def test_after_a_hand_over_the_ticket_is_the_persons_until_released(wire: Wire) -> None:
    person = "I want to speak to a real person now."
    await wire.publish([ticket("theirs", person, message_id="m1")])
    assert (await reply(wire, "theirs", 1))["decision"] == "escalate"
    await wire.publish([ticket("theirs", EN, message_id="m2")])
    prepared = await reply(wire, "theirs", 2)
    assert prepared["decision"] == "draft"
    assert prepared["reasons"][0] == "with_a_person"
    await wire.publish([report(TicketReleased, "released", {"ticket_id": "theirs"})])
    await wire.settled()
    await wire.publish([ticket("theirs", f"{EN} I ask again.", message_id="m3")])
    assert (await reply(wire, "theirs", 3))["decision"] == "answer"
