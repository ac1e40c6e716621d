"""The events of one message on its way: received, accepted, classified, personalized."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from shared.events.base import (
    Identifier,
    Instant,
    Language,
    Part,
    Payload,
    Priority,
    Sentiment,
    TicketPayload,
    refused,
)

AttachmentStatus = Literal[
    "read", "not_read", "host_not_allowed", "type_not_read", "too_large", "unreachable", "broken"
]
"""`type_not_read` are images, audio and the like; `not_read` was not tried."""

CUSTOMER_ID = "CUSTOMER_ID"
"""What the customer's id is called among what is sealed; no placeholder looks like it."""

Identity = Literal["unknown", "claimed", "verified"]
"""How sure the ticket system is who wrote: nobody it knows; somebody, by a sender's address or what
they say; somebody who logged in or proved it."""


def _default_for_null(model: type[Part], value: object, info: object) -> object:
    if value is None:
        return model.model_fields[getattr(info, "field_name", "")].get_default()
    return value


class Consent(Part):
    """What the customer agreed to, as far as the ticket system says; None is not said.

    `personalization`: predictions from their history. `recommendations`: being offered things.
    """

    personalization: bool | None = None
    recommendations: bool | None = None


class Preferences(Part):
    """How the customer wants to be written to; None is not said."""

    tone: Literal["formal", "friendly"] | None = None
    length: Literal["brief", "full"] | None = None


class Customer(Part):
    """The person, as the ticket system knows them. Personal data: seen by ingest alone.

    `attributes` are facts of the customer that behaviour models know by these names, such as
    `Contract` or `tenure`.
    """

    customer_id: Identifier | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    identity: Identity | None = None
    consent: Consent = Consent()
    preferences: Preferences = Preferences()
    attributes: dict[str, Annotated[str, Field(coerce_numbers_to_str=True)]] = {}

    @field_validator("consent", "preferences", "attributes", mode="before")
    @classmethod
    def null_means_default(cls, value: object, info: object) -> object:
        """Ticket systems write `null` for what they do not know."""
        return _default_for_null(cls, value, info)


class Attachment(Part):
    """A file that came with the message, by reference."""

    url: str
    media_type: str = "application/octet-stream"


class AttachmentRead(Attachment):
    """A file as ingest passes it on: `text` is what it says, free of personal data, if `status` is
    `read`; any other status is why it was not read."""

    status: AttachmentStatus = "not_read"
    text: str | None = None


class Turn(Part):
    """An earlier message of the same ticket, as it went on: placeholders included."""

    turn: int = Field(ge=1)
    text: str
    created_at: Instant


class TicketReceived(TicketPayload):
    """The public input: one message of one ticket. A second message is a follow-up.

    Without `message_id` the message is identified by its content and `created_at`.
    """

    TYPE: ClassVar[str] = "careloop.ticket.received.v1"

    message_id: Identifier | None = None
    source: str = "unknown"
    channel: str = "unknown"
    subject: str | None = None
    body: str = ""
    customer: Customer = Customer()
    language: Language | None = None
    created_at: Instant | None = None
    attachments: tuple[Attachment, ...] = ()
    metadata: dict[str, Annotated[str, Field(coerce_numbers_to_str=True)]] = {}

    @field_validator("source", "channel", "customer", "attachments", "metadata", mode="before")
    @classmethod
    def null_means_default(cls, value: object, info: object) -> object:
        """Ticket systems write `null` for what they do not know."""
        return _default_for_null(cls, value, info)

    @model_validator(mode="after")
    def has_something_to_read(self) -> "TicketReceived":
        if not self.body.strip() and not (self.subject or "").strip() and not self.attachments:
            raise refused("body", "the body is empty and there is no attachment")
        return self


class Ticket(Part):
    """One message as every worker behind ingest knows it: clean, and free of personal data.

    `text` and `subject` hold placeholders such as `[EMAIL_1]`; the originals are in `sealed`.
    `quoted` and `signature` were cut from the text, `words` are its words for search and insight:
    lower case, Chinese segmented, no stop words. `languages` are the shares of each language in a
    mixed text. `history` are the ticket's last messages before this one, the oldest first. `flags`
    are typed notes of ingest's, such as `created_at_in_future`. `identity`, `consent`,
    `preferences` and `attributes` are the customer's. Among what is sealed, the customer's id is
    called `CUSTOMER_ID`.
    """

    ticket_id: Identifier
    message_id: Identifier
    turn: int = Field(default=1, ge=1, description="1 for the first message of the ticket")
    source: str
    channel: str
    subject: str | None = None
    text: str
    language: Language
    language_confidence: float = Field(default=1.0, ge=0, le=1)
    languages: dict[str, float] = {}
    quoted: str | None = None
    signature: str | None = None
    words: tuple[str, ...] = ()
    history: tuple[Turn, ...] = ()
    customer_key: str | None = None
    sealed: str | None = None
    created_at: Instant
    received_at: Instant
    attachments: tuple[AttachmentRead, ...] = ()
    flags: tuple[str, ...] = ()
    metadata: dict[str, str] = {}
    identity: Identity = "unknown"
    consent: Consent = Consent()
    preferences: Preferences = Preferences()
    attributes: dict[str, str] = {}


class RankedLabel(Part):
    label: str
    probability: float = Field(ge=0, le=1)


class Vector(Part):
    """A sentence vector: little-endian fp16 values in base64, with the model that made it."""

    model: str
    version: str
    data: str


class Evidence(Part):
    """A word that carried a decision: characters `start` to `end` of the text.

    `weight` is its share of the decision's logit; the weights of all words add up to the logit.
    """

    decision: Literal["intent", "sentiment", "priority"]
    token: str
    weight: float
    start: int = 0
    end: int = 0


class Entity(Part):
    """A thing the message names, at characters `start` to `end` of the text.

    `value` is its one form: digits and letters of an order number, an amount as `1234.50` with its
    `unit` `CNY`, a date as ISO 8601, a duration as ISO 8601 (`P10D`), a catalogue or plan id.
    """

    type: Literal["order", "tracking", "amount", "date", "duration", "product", "plan"]
    text: str
    value: str
    unit: str | None = None
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Understanding(Part):
    """What classify read in the message. Probabilities are calibrated.

    Offsets count characters of the text, or of subject, line break, text where there is a subject.
    `out_of_scope` is the share of in-scope messages that lie less far out than this one does;
    `is_out_of_scope` that it lies beyond the threshold. `priority_rules` name the rules that raised
    the model's priority.
    """

    intent: str
    confidence: float = Field(ge=0, le=1)
    intents: tuple[RankedLabel, ...] = ()
    out_of_scope: float = Field(default=0.0, ge=0, le=1)
    is_out_of_scope: bool = False
    evidence: tuple[Evidence, ...] = ()
    entities: tuple[Entity, ...] = ()
    priority_rules: tuple[str, ...] = ()
    sentiment: Sentiment
    sentiment_confidence: float = Field(default=1.0, ge=0, le=1)
    priority: Priority
    priority_confidence: float = Field(default=1.0, ge=0, le=1)
    model_version: str
    vector: Vector | None = None
    classified_at: Instant


class Segment(Part):
    """Where a customer stands among all: days since the last purchase, their number, and what they
    were worth in the upstream's currency."""

    name: Literal["new", "active", "loyal", "high_value", "at_risk", "lapsed"]
    recency_days: float | None = Field(default=None, ge=0)
    frequency: int = Field(default=0, ge=0)
    monetary: float = 0.0


class Influence(Part):
    """What a column of a customer's facts did to a prediction's log-odds."""

    column: str
    log_odds: float


class Prediction(Part):
    """How probable it is that `target` is `positive` for this customer; `cold` says that too little
    is known and that it is everybody's share. The strongest `influences` come first."""

    target: str
    positive: str
    probability: float = Field(ge=0, le=1)
    cold: bool = False
    influences: tuple[Influence, ...] = ()
    model_version: str


class NextNeeds(Part):
    """What the customer's next ticket is probably about, the likeliest first; `cold` as in
    `Prediction`."""

    ranked: tuple[RankedLabel, ...] = ()
    cold: bool = True


class UsageOutlook(Part):
    """What a customer will have used of a plan when its period ends, in the plan's unit.

    `probability` is that of using more than the `allowance`, `exceeds_at` when it is expected to be
    used up (or was) and `lead_days` from the message until then; `cold` as in `Prediction`.
    """

    plan: str
    allowance: float = Field(gt=0)
    used: float
    expected: float
    probability: float = Field(ge=0, le=1)
    exceeds_at: Instant | None = None
    lead_days: float | None = Field(default=None, ge=0)
    period_end: Instant
    cold: bool = False


class Recommendation(Part):
    """Something to offer. `reason` is a typed code such as `bought_together`, `because` the title
    of what it goes with, or the plan that will not do."""

    item_id: str
    title: str
    reason: str
    because: str | None = None


class Manner(Part):
    """How to write to this customer now. `empathy_first`: their trouble before anything else.
    `selling`: whether something may be offered."""

    tone: Literal["formal", "friendly"] = "formal"
    brief: bool = False
    empathy_first: bool = False
    selling: bool = False


class CustomerView(Part):
    """What personalize knows of the customer, as of before this message.

    `sentiment_trend` is the mean sentiment of past messages, recent ones weighing more, from -1
    (very negative) to 1. `known` is false for somebody never seen before or without an id.
    `open_tickets` does not count this message's; `orders` are purchases less returns; `by_intent`
    counts messages. Without consent there are no `segment`, predictions or recommendations.
    """

    known: bool = False
    tickets: int = Field(default=0, ge=0)
    messages: int = Field(default=0, ge=0)
    open_tickets: int = Field(default=0, ge=0)
    by_intent: dict[str, int] = {}
    languages: dict[str, int] = {}
    channels: dict[str, int] = {}
    sentiment_trend: float = Field(default=0.0, ge=-1, le=1)
    last_contact_at: Instant | None = None
    interactions: dict[str, int] = {}
    orders: int = Field(default=0, ge=0)
    satisfaction: float | None = Field(default=None, ge=1, le=5)
    consent: Consent = Consent()
    preferences: Preferences = Preferences()
    segment: Segment | None = None
    predictions: tuple[Prediction, ...] = ()
    next_needs: NextNeeds | None = None
    usage: tuple[UsageOutlook, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    manner: Manner = Manner()
    personalized_at: Instant


class _AboutTicket(Payload):
    ticket: Ticket

    @property
    def key(self) -> str | None:
        return self.ticket.ticket_id


class TicketAccepted(_AboutTicket):
    """Ingest lets a message in."""

    TYPE: ClassVar[str] = "careloop.ticket.accepted.v1"


class TicketClassified(_AboutTicket):
    """Classify has read it."""

    TYPE: ClassVar[str] = "careloop.ticket.classified.v1"

    understanding: Understanding


class TicketPersonalized(_AboutTicket):
    """Personalize has joined the customer to it."""

    TYPE: ClassVar[str] = "careloop.ticket.personalized.v1"

    understanding: Understanding
    customer: CustomerView
