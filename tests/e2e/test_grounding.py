"""Every number, date and amount of every automatic reply to the demo's tickets stands in a source:
what is cited, the ticket, the action's arguments and result, or our own sentences."""

import json
import re
from typing import Any

from services.generate.domain.phrases import sentences
from services.generate.settings import Settings
from shared import topics
from shared.events import ResponseGenerated
from tests.e2e.tickets import demo, ticket
from tests.e2e.wire import Wire, data, headers

AUTOMATIC = ("answer", "ask", "act")
NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
LINK = re.compile(r"(?:https?://|www\.)[!-~]+|[\w.+-]+@[\w-]+\.[\w.]+")


def tokens(text: str) -> set[str]:
    """What could be wrong to the character: numbers without their punctuation, links, addresses."""
    links = set(LINK.findall(text))
    return links | {re.sub(r"\D", "", one) for one in NUMBER.findall(text)}


def of_another_customer(one: dict[str, Any]) -> dict[str, Any]:
    """The same words of the same customer would be a duplicate of what other tests send."""
    customer = one.get("customer") or {}
    customer = customer | {"customer_id": f"grounded-{customer.get('customer_id', 'nobody')}"}
    return one | {"ticket_id": f"grounded-{one['ticket_id']}", "customer": customer}


async def test_no_factual_token_of_a_reply_is_made_up(wire: Wire) -> None:
    sent = [of_another_customer(one) for one in demo()]
    await wire.publish(ticket(one.pop("ticket_id"), one.pop("body"), **one) for one in sent)
    await wire.settled()
    asked = {
        (found["ticket"]["ticket_id"], found["ticket"]["message_id"]): found["ticket"]
        for found in map(data, await wire.read("generate"))
    }
    said: list[dict[str, Any]] = [
        data(record)
        for record in await wire.read(topics.FEEDBACK.name)
        if headers(record)["ce_type"] == ResponseGenerated.TYPE
    ]
    ours = tokens("\n".join(sentences()) + Settings().actions.read_text("utf-8"))
    checked, made_up = 0, {}
    for response in said:
        if response["decision"] not in AUTOMATIC:
            continue
        about = asked[response["ticket_id"], response["message_id"]]
        sources = json.dumps(
            [about, response["citations"], response.get("action"), response["recommendations"]],
            ensure_ascii=False,
        )
        checked += 1
        unknown = tokens(response["text"]) - tokens(sources) - ours
        if unknown:
            made_up[response["ticket_id"]] = unknown
    assert checked > 20
    assert made_up == {}
