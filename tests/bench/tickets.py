"""Tickets for measuring: the demo's messages over and over, each a new ticket of a new customer."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

DEMO = Path("deploy/demo/tickets.jsonl")


def endless(label: str) -> Iterator[tuple[str, bytes]]:
    """Ticket ids that begin with `label`, and messages as an upstream sends them."""
    for number, message in enumerate(itertools.cycle(_messages())):
        ticket_id = f"{label}-{number}"
        customer = {**(message.get("customer") or {}), "customer_id": f"C-{label}-{number}"}
        made = {**message, "ticket_id": ticket_id, "message_id": "m1", "customer": customer}
        yield ticket_id, orjson.dumps(made)


def _messages() -> list[dict[str, Any]]:
    """The well-formed ones."""
    found = []
    for line in DEMO.read_bytes().splitlines():
        try:
            message = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(message, dict) and message.get("ticket_id") and message.get("body"):
            found.append(message)
    return found


def distinct() -> int:
    """So many messages, then they come again."""
    return len(_messages())
