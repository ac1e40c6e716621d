"""What is known of one ticket: its responses and what was said of them, in no order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

AUTOMATIC = ("answer", "ask", "act")
"""Decisions that reach the customer without a person."""

SignalKind = Literal["rating", "thumbs", "reviewed", "resolved", "reopened", "intent_corrected"]


@dataclass(frozen=True, slots=True)
class Response:
    """One response of careloop's, by a `key` derived from its id."""

    key: str
    response_id: str
    message_id: str
    intent: str
    confidence: float
    decision: str
    language: str
    channel: str
    model_version: str
    policy_version: str
    created_at: datetime

    @property
    def automatic(self) -> bool:
        return self.decision in AUTOMATIC


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that happened after a reply, by a `key` derived from its event.

    `value` is the stars of a rating, `up` or `down` of thumbs, the verdict of a review, or the
    right intent of a correction. `response` is the key of the response it names and `message_id`
    the message it names; with neither it is about the newest response there was.
    """

    key: str
    kind: SignalKind
    occurred_at: datetime
    value: str | int | None = None
    response: str | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class TicketHistory:
    """Everything known of a ticket, by key: however often and in whatever order it was told."""

    ticket_id: str
    responses: Mapping[str, Response] = field(default_factory=dict)
    signals: Mapping[str, Signal] = field(default_factory=dict)

    @property
    def facts(self) -> int:
        """How much is known. It only grows, so the more of two states is the later one."""
        return len(self.responses) + len(self.signals)
