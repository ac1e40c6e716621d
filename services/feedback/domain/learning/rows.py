"""Training rows from what people said of messages, each with where it comes from."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

Source = Literal["correction", "confirmed"]
Speaker = tuple[Literal["agent", "customer"], str]
"""Who vouches for a row: the agent who labelled it, else the customer whose wish was met."""

UNNAMED = "(unnamed)"
"""All who are not named are one speaker, so that leaving out the name buys nobody a larger say."""

_PLACEHOLDER = re.compile(r"\[([A-Z]+)_\d+\]")
_APART = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Label:
    """An agent's word on what a message was: a correction, or the label the ticket ended with."""

    intent: str
    agent_key: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A message, its text with placeholders, and all that was said of its intent.

    `said` is the model's intent; `confirmed_at` is when the reply to it was verified as good.
    """

    ticket_id: str
    message_id: str
    text: str
    language: str
    said: str
    customer_key: str | None
    labels: tuple[Label, ...] = ()
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A text with its intent. A `correction` says something else than the model did, `confirmed`
    the same. `agent_key` is None where no agent had a word."""

    text: str
    language: str
    intent: str
    source: Source
    ticket_id: str
    message_id: str
    customer_key: str
    agent_key: str | None
    at: datetime

    @property
    def speaker(self) -> Speaker:
        if self.agent_key is not None:
            return "agent", self.agent_key
        return "customer", self.customer_key


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that is not learned from; `reason` is a code, and its figures in words."""

    row: TrainingRow
    reason: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows to learn from, the newest first, and those that are not, with the reason."""

    rows: tuple[TrainingRow, ...]
    aside: tuple[SetAside, ...]


def candidates(messages: Iterable[Message]) -> list[TrainingRow]:
    """One row for each agent who labelled a message, by their latest word on it; where no agent
    did, one row if the reply proved good: the model's intent led to it. Newest first."""
    return newest_first(row for message in messages for row in _rows_of(message))


def settled(rows: Sequence[TrainingRow]) -> Selection:
    """One row a message, of those whose labels nobody contradicts.

    Rows of one message, and of texts that differ only in case, punctuation or numbered
    placeholders, are about the same wish. If they name several intents, an intent stays that at
    least two speakers name and twice as many as name any other; the rest is set aside.
    """
    alike: dict[str, list[TrainingRow]] = defaultdict(list)
    for row in newest_first(rows):
        alike[likeness(row.text)].append(row)
    kept: list[TrainingRow] = []
    aside: list[SetAside] = []
    for group in alike.values():
        agreed = _agreed(group)
        kept += [row for row in group if row.intent == agreed]
        aside += [SetAside(row, "disagreement") for row in group if row.intent != agreed]
    once = {(row.ticket_id, row.message_id): row for row in reversed(newest_first(kept))}
    return Selection(tuple(newest_first(once.values())), tuple(aside))


def likeness(text: str) -> str:
    """Equal for texts that differ only in case, width, punctuation or numbers of placeholders."""
    unnumbered = _PLACEHOLDER.sub(r"\1", text)
    folded = unicodedata.normalize("NFKC", unnumbered).casefold()
    return _APART.sub(" ", folded).strip() or text


def newest_first(rows: Iterable[TrainingRow]) -> list[TrainingRow]:
    """In an order that does not depend on the one they came in."""
    return sorted(
        rows, key=lambda r: (r.at, r.ticket_id, r.message_id, r.speaker, r.intent), reverse=True
    )


def record(row: TrainingRow) -> Mapping[str, Any]:
    """The row as a line of the file that retraining reads: JSON's types only."""
    return {
        "text": row.text,
        "language": row.language,
        "intent": row.intent,
        "source": row.source,
        "ticket_id": row.ticket_id,
        "message_id": row.message_id,
        "customer_key": row.customer_key,
        "agent_key": row.agent_key,
        "at": row.at.astimezone(UTC).isoformat(),
    }


def _rows_of(message: Message) -> list[TrainingRow]:
    latest: dict[str, Label] = {}
    for label in sorted(message.labels, key=lambda label: (label.at, label.intent)):
        latest[label.agent_key or UNNAMED] = label
    if latest:
        return [_row(message, label.intent, agent, label.at) for agent, label in latest.items()]
    if message.confirmed_at is not None:
        return [_row(message, message.said, None, message.confirmed_at)]
    return []


def _row(message: Message, intent: str, agent_key: str | None, at: datetime) -> TrainingRow:
    return TrainingRow(
        text=message.text,
        language=message.language,
        intent=intent,
        source="confirmed" if intent == message.said else "correction",
        ticket_id=message.ticket_id,
        message_id=message.message_id,
        customer_key=message.customer_key or UNNAMED,
        agent_key=agent_key,
        at=at,
    )


def _agreed(group: Sequence[TrainingRow]) -> str | None:
    """The intent that rows about the same wish agree on, or None."""
    speakers: dict[str, set[Speaker]] = defaultdict(set)
    for row in group:
        speakers[row.intent].add(row.speaker)
    if len(speakers) == 1:
        return group[0].intent
    first, second = sorted(speakers, key=lambda intent: (-len(speakers[intent]), intent))[:2]
    votes = len(speakers[first])
    return first if votes >= 2 and votes >= 2 * len(speakers[second]) else None
