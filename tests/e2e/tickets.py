"""Tickets and reports as an upstream writes them."""

from pathlib import Path
from typing import Any

import orjson

from shared.events import Payload
from tests.e2e.wire import Message

DEMO = Path(__file__).parents[2] / "deploy" / "demo" / "tickets.jsonl"
EN = (
    "Hello, I sent the toaster back to you and the app says the return was accepted."
    " How long until my refund arrives?"
)
ZH = "密码不记得了，试了好几个都不对，怎么重新设一个？"


def ticket(ticket_id: str, body: str = EN, **fields: Any) -> Message:
    """A bare JSON ticket, keyed as the contract says."""
    return Message(
        orjson.dumps({"ticket_id": ticket_id, "body": body, **fields}), ticket_id.encode()
    )


def report(kind: type[Payload], event_id: str, data: dict[str, Any]) -> Message:
    """What happened after a reply, as a structured CloudEvent."""
    envelope = {"specversion": "1.0", "type": kind.TYPE, "id": event_id, "source": "desk"}
    key = str(data.get("ticket_id", "")).encode() or None
    return Message(orjson.dumps(envelope | {"data": data}), key)


def demo() -> list[dict[str, Any]]:
    """The well-formed tickets of the demo, without its malformed ones."""
    found = []
    for line in DEMO.read_bytes().splitlines():
        try:
            one = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if "ticket_id" in one:
            found.append(one)
    return found
