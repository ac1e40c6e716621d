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


class Customer(Part):
    """The person, as the ticket system knows them. Personal data: seen by ingest alone."""

    customer_id: Identifier | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None


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
        if value is None:
            name = getattr(info, "field_name", "")
            return cls.model_fields[name].get_default()
        return value

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
    are typed notes of ingest's, such as `created_at_in_future`.
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


class CustomerView(Part):
    """What personalize knows of the customer, as of before this message.

    `sentiment_trend` is the mean sentiment of past messages, recent ones weighing more, from -1
    (very negative) to 1. `known` is false for somebody never seen before or without an id.
    """

    known: bool = False
    tickets: int = Field(default=0, ge=0)
    messages: int = Field(default=0, ge=0)
    by_intent: dict[str, int] = {}
    languages: dict[str, int] = {}
    channels: dict[str, int] = {}
    sentiment_trend: float = Field(default=0.0, ge=-1, le=1)
    last_contact_at: Instant | None = None
    interactions: dict[str, int] = {}
    satisfaction: float | None = Field(default=None, ge=1, le=5)
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
