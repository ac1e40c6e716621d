"""What the demo shows."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table

SHOWN = 80
MOODS = {
    "very_negative": "very neg.",
    "negative": "negative",
    "neutral": "neutral",
    "positive": "positive",
    "very_positive": "very pos.",
}


def replies(responses: Sequence[dict[str, Any]]) -> Table:
    """A row per message: what was understood, decided and written, and from which source."""
    table = Table(title="Replies", show_lines=False, pad_edge=False)
    table.add_column("ticket", no_wrap=True)
    table.add_column("lang", no_wrap=True)
    table.add_column("intent", no_wrap=True)
    table.add_column("mood", no_wrap=True)
    table.add_column("priority", no_wrap=True)
    table.add_column("decision", no_wrap=True)
    table.add_column("reply", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("source or reason", no_wrap=True, overflow="ellipsis", max_width=34)
    for response in responses[:SHOWN]:
        table.add_row(
            f"{response['ticket_id']} {response['message_id']}"[:16],
            response["language"],
            f"{response['intent']} {response.get('intent_confidence', response['confidence']):.2f}",
            MOODS[response["sentiment"]],
            response["priority"],
            _decision(response["decision"]),
            " ".join(response["text"].split()),
            _source(response),
        )
    if len(responses) > SHOWN:
        table.caption = f"and {len(responses) - SHOWN} more"
    return table


def _decision(decision: str) -> str:
    colour = "yellow" if decision == "escalate" else "green"
    return f"[{colour}]{decision}[/{colour}]"


def _source(response: dict[str, Any]) -> str:
    citations = response.get("citations")
    if citations:
        return f"{citations[0]['document']} # {citations[0]['section']}"
    queue = (response.get("handoff") or {}).get("queue", "")
    return f"{', '.join(response['reasons'])} -> {queue}"


def dead_letters(letters: Sequence[dict[str, str]]) -> Table:
    """A row per message that could not be taken, with the reason."""
    table = Table(title="Dead letters", pad_edge=False)
    for column in ("from", "code", "field", "why"):
        table.add_column(column, overflow="fold")
    for letter in letters[:SHOWN]:
        where = f"{letter['source-topic']}/{letter['source-partition']}/{letter['source-offset']}"
        table.add_row(where, letter["code"], letter["field"], letter["reason"])
    return table


def policy(before: dict[str, Any] | None, after: dict[str, Any]) -> Table:
    """What changed in the thresholds, and why."""
    table = Table(title=f"Policy version {after['version']}", pad_edge=False)
    for column in ("intent", "threshold before", "now", "why"):
        table.add_column(column, overflow="fold")
    old = (before or {}).get("thresholds", {})
    for intent, threshold in after["thresholds"].items():
        was = old.get(intent, after["default_threshold"])
        if was != threshold:
            why = after.get("reasons", {}).get(intent, "")
            table.add_row(intent, f"{was:.2f}", f"{threshold:.2f}", why)
    return table
