"""What can become known of a customer: each fact counts once, by the id of its event."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """The customer wrote. `sentiment` is from -1 (very negative) to 1.

    `at` is when they did, `received_at` when careloop was told: an erasure asked for later forgets
    it, as it does the other facts.
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


@dataclass(frozen=True, slots=True)
class Interaction:
    """The customer did something with an item or a plan, such as `purchased`."""

    event_id: str
    customer_key: str
    received_at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Rating:
    """The customer gave a reply 1 to 5 stars."""

    event_id: str
    customer_key: str
    received_at: datetime
    stars: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """Everything received up to `received_at` is to be forgotten."""

    event_id: str
    customer_key: str
    received_at: datetime


Fact = Message | Interaction | Rating | Erasure
