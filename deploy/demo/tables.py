"""What the demo shows."""

from collections.abc import Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from deploy.demo.teaching import Lesson

SHOWN = 80
SHOWN_WHY = 12
COLUMNS = {
    "ticket": 13,
    "lang": 4,
    "intent": 22,
    "mood": 9,
    "priority": 8,
    "decision": 8,
    "reply": 50,
    "source, or reason and queue": 44,
}
MOODS = {
    "very_negative": "very neg.",
    "negative": "negative",
    "neutral": "neutral",
    "positive": "positive",
    "very_positive": "very pos.",
}


def replies(responses: Sequence[dict[str, Any]]) -> Table:
    """A row per message: what was understood, decided and written, and from which source."""
    table = Table(title="Replies", pad_edge=False)
    for column, width in COLUMNS.items():
        table.add_column(column, width=width, no_wrap=True, overflow="ellipsis")
    for response in responses[:SHOWN]:
        table.add_row(
            f"{response['ticket_id']} {response['message_id'][:3]}",
            response["language"],
            f"{response['intent']} {response['intent_confidence']:.2f}",
            MOODS[response["sentiment"]],
            response["priority"],
            _decision(response["decision"]),
            _first_words(response["text"]),
            _source(response),
        )
    if len(responses) > SHOWN:
        table.caption = f"and {len(responses) - SHOWN} more"
    return table


def reasons(responses: Sequence[dict[str, Any]]) -> Table:
    """For the messages that name something: the words that carried each decision, and what they
    name. A word's figure is what it adds to the decision's logit."""
    table = Table(title="Why, and what about", pad_edge=False)
    for column, width in (("ticket", 13), ("intent", 46), ("mood", 40), ("names", 60)):
        table.add_column(column, width=width, overflow="fold")
    named = [response for response in responses if response.get("entities")]
    for response in named[:SHOWN_WHY]:
        table.add_row(
            f"{response['ticket_id']} {response['message_id'][:3]}",
            f"{response['intent']}: {_words(response, 'intent')}",
            f"{MOODS[response['sentiment']]}: {_words(response, 'sentiment')}",
            ", ".join(
                f"{entity['type']} {entity['value']} {entity.get('unit', '')}".rstrip()
                for entity in response["entities"]
            ),
        )
    return table


def _words(response: dict[str, Any], decision: str) -> str:
    told = [e for e in response["evidence"] if e["decision"] == decision and e["token"]]
    return ", ".join(f"{escape(e['token'])} {e['weight']:+.2f}" for e in told[:3])


def _first_words(text: str) -> str:
    """What stands after the greeting."""
    greeting, _, rest = text.partition("\n\n")
    return " ".join((rest or greeting).split())


def _decision(decision: str) -> str:
    colour = "yellow" if decision in ("escalate", "draft") else "green"
    return f"[{colour}]{decision}[/{colour}]"


def _source(response: dict[str, Any]) -> str:
    citations = response.get("citations")
    if citations:
        return f"{citations[0]['document']}: {citations[0]['section']}"
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


def lesson(lesson: Lesson) -> Table:
    """How each message of the new wish was read before the training, and how after it."""
    table = Table(title=f"Never said to be {lesson.wish.intent} by anybody", pad_edge=False)
    for column in ("message", "read before", "read after"):
        table.add_column(column, overflow="fold")
    for text, before, after in zip(lesson.wish.asked, lesson.before, lesson.after, strict=True):
        table.add_row(text, *(_right(one, lesson.wish.intent) for one in (before, after)))
    return table


def _right(intent: str, true: str) -> str:
    colour = "green" if intent == true else "yellow"
    return f"[{colour}]{intent}[/{colour}]"


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
