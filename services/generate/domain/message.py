"""A message as the decision sees it: what was understood, and what is known of the customer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.generate.domain.actions.catalogue import Identity
from shared.events import Entity, Manner, Recommendation

VERY_NEGATIVE = "very_negative"
NEGATIVE = "negative"
POSITIVE = frozenset({"positive", "very_positive"})


@dataclass(frozen=True, slots=True)
class Understood:
    """Labels of classify's. `intents` holds the calibrated probabilities it ranked highest;
    `is_out_of_scope` says that the message is unlike all it learned from. Offsets of the entities
    count characters of the message's text."""

    intent: str
    intents: Mapping[str, float]
    sentiment: str
    priority: str
    is_out_of_scope: bool = False
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class Background:
    """The customer as of before this message. `sentiment_trend` is from -1 to 1; `likely` are
    what behaviour models foresee, as (target, probability); `tone_wanted`: they asked for the tone
    that the manner has."""

    known: bool = False
    messages: int = 0
    by_intent: Mapping[str, int] | None = None
    sentiment_trend: float = 0.0
    last_contact_at: datetime | None = None
    satisfaction: float | None = None
    open_tickets: int = 0
    segment: str | None = None
    likely: tuple[tuple[str, float], ...] = ()
    manner: Manner = field(default_factory=Manner)
    recommendations: tuple[Recommendation, ...] = ()
    tone_wanted: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message to decide about. `text` has placeholders where personal data stood.

    `customer_known` says that the customer's id is sealed with it, `identity` how sure it is that
    they wrote it. `told_before` is what else the ticket says: earlier messages, quoted ones, files.
    """

    text: str
    language: str
    understood: Understood
    background: Background
    turn: int
    received_at: datetime
    has_unread_files: bool
    flags: frozenset[str]
    identity: Identity = "unknown"
    customer_known: bool = False
    told_before: tuple[str, ...] = ()
