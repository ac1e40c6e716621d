"""A message as the decision sees it: what was understood, and what is known of the customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

VERY_NEGATIVE = "very_negative"
NEGATIVE = "negative"
POSITIVE = frozenset({"positive", "very_positive"})


@dataclass(frozen=True, slots=True)
class Understood:
    """Labels of classify's. `intents` holds the calibrated probabilities it ranked highest;
    `is_out_of_scope` says that the message is unlike all it learned from."""

    intent: str
    intents: Mapping[str, float]
    sentiment: str
    priority: str
    is_out_of_scope: bool = False


@dataclass(frozen=True, slots=True)
class Background:
    """The customer as of before this message. `sentiment_trend` is from -1 to 1."""

    known: bool = False
    messages: int = 0
    by_intent: Mapping[str, int] | None = None
    sentiment_trend: float = 0.0
    last_contact_at: datetime | None = None
    satisfaction: float | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message to decide about. `text` has placeholders where personal data stood."""

    text: str
    language: str
    understood: Understood
    background: Background
    turn: int
    received_at: datetime
    has_unread_files: bool
    flags: frozenset[str]
