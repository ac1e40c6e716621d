"""What a ticket is told of its customer."""

from dataclasses import dataclass, field
from datetime import datetime

from services.personalize.domain.consent import Consent
from services.personalize.domain.counts import Counts
from services.personalize.domain.manner import Manner
from services.personalize.domain.offers import Offer
from services.personalize.domain.preferences import Preferences
from services.personalize.domain.segment import Segment


@dataclass(frozen=True, slots=True)
class Influence:
    """What a column of a customer's facts did to a prediction's log-odds."""

    column: str
    log_odds: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """How probable it is that `target` is `positive`; `cold` if that is everybody's share."""

    target: str
    positive: str
    probability: float
    cold: bool
    influences: tuple[Influence, ...]
    model_version: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """An intent and its probability."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Needs:
    """What the next ticket is probably about, the likeliest first; `cold` if that is what
    everybody asks for."""

    ranked: tuple[Ranked, ...]
    cold: bool


@dataclass(frozen=True, slots=True)
class PlanOutlook:
    """What will have been used of a plan when its period ends; see `usage.Outlook`."""

    plan: str
    allowance: float
    used: float
    expected: float
    probability: float
    exceeds_at: datetime | None
    lead_days: float | None
    period_end: datetime
    cold: bool


@dataclass(frozen=True, slots=True)
class View:
    """What was known of a customer just before a message, told at `personalized_at`.

    Consent, preferences and manner take the message itself into account.
    """

    personalized_at: datetime
    known: bool = False
    tickets: int = 0
    messages: int = 0
    open_tickets: int = 0
    by_intent: Counts = field(default_factory=dict)
    languages: Counts = field(default_factory=dict)
    channels: Counts = field(default_factory=dict)
    sentiment_trend: float = 0.0
    last_contact_at: datetime | None = None
    interactions: Counts = field(default_factory=dict)
    orders: int = 0
    satisfaction: float | None = None
    consent: Consent = field(default_factory=Consent)
    preferences: Preferences = field(default_factory=Preferences)
    segment: Segment | None = None
    predictions: tuple[Prediction, ...] = ()
    next_needs: Needs | None = None
    usage: tuple[PlanOutlook, ...] = ()
    recommendations: tuple[Offer, ...] = ()
    manner: Manner = field(default_factory=Manner)
