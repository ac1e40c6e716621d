"""What can become known of a customer: each fact counts once, by the id of its event.

`received_at` is when careloop was told: an erasure asked for later forgets the fact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.personalize.domain.consent import Consent
from services.personalize.domain.preferences import Preferences


@dataclass(frozen=True, slots=True)
class Message:
    """The customer wrote, at `at`. `sentiment` is from -1 (very negative) to 1.

    `consent`, `preferences` and `attributes` are what the ticket system says of them with it.
    """

    event_id: str
    customer_key: str
    at: datetime
    received_at: datetime
    ticket_id: str
    intent: str
    language: str
    channel: str
    sentiment: float
    consent: Consent = field(default_factory=Consent)
    preferences: Preferences = field(default_factory=Preferences)
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interaction:
    """The customer did something with an item or a plan, such as `purchased`.

    `value` is money for a purchase or a return, stars for a rating, and units for usage, of which
    the plan holds `allowance` within `period`, from its start to before its end.
    """

    event_id: str
    customer_key: str
    received_at: datetime
    kind: str
    occurred_at: datetime
    item: str | None = None
    value: float | None = None
    order_id: str | None = None
    allowance: float | None = None
    period: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """The customer gave a reply 1 to 5 stars."""

    event_id: str
    customer_key: str
    received_at: datetime
    stars: int


@dataclass(frozen=True, slots=True)
class TicketClosed:
    """The ticket was closed as solved."""

    event_id: str
    customer_key: str
    received_at: datetime
    occurred_at: datetime
    ticket_id: str


@dataclass(frozen=True, slots=True)
class TicketOpenedAgain:
    """The ticket was not solved after all."""

    event_id: str
    customer_key: str
    received_at: datetime
    occurred_at: datetime
    ticket_id: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """Everything received up to `received_at` is to be forgotten."""

    event_id: str
    customer_key: str
    received_at: datetime


Remembered = Message | Interaction | Rating | TicketClosed | TicketOpenedAgain
"""What a profile is made of."""

Fact = Remembered | Erasure
