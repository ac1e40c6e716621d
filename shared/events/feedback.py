"""What the outside reports about what happened after a reply. Sent to `ingest`, passed on to
`feedback` without personal data."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from shared.events.base import (
    Identifier,
    Instant,
    Payload,
    Priority,
    Reported,
    Sentiment,
    TicketPayload,
    refused,
)


class FeedbackRated(TicketPayload, Reported):
    """The customer judged a reply: `rating` from 1 to 5, or `thumbs`; at least one of them.

    Without `response_id` it is about the ticket's newest response.
    """

    TYPE: ClassVar[str] = "careloop.feedback.rated.v1"

    response_id: Identifier | None = None
    rating: int | None = Field(default=None, ge=1, le=5)
    thumbs: Literal["up", "down"] | None = None
    comment: str | None = None

    @model_validator(mode="after")
    def has_a_judgement(self) -> "FeedbackRated":
        if self.rating is None and self.thumbs is None:
            raise refused("rating", "a rating or thumbs is needed")
        return self


class ResponseReviewed(TicketPayload, Reported):
    """An agent approved, edited or rejected a drafted reply; `final_text` is what is to be sent
    instead of an edited one. Ingest puts placeholders into it and `sealed` holds the originals."""

    TYPE: ClassVar[str] = "careloop.response.reviewed.v1"

    response_id: Identifier
    verdict: Literal["approved", "edited", "rejected"]
    final_text: str | None = None
    sealed: str | None = None


class TicketResolved(TicketPayload, Reported):
    """The ticket was closed as solved."""

    TYPE: ClassVar[str] = "careloop.ticket.resolved.v1"

    resolved_by: Literal["customer", "agent", "system"] = "system"


class TicketReopened(TicketPayload, Reported):
    """The ticket was not solved after all."""

    TYPE: ClassVar[str] = "careloop.ticket.reopened.v1"

    reason: str | None = None


class TicketReleased(TicketPayload, Reported):
    """A person gives the ticket back to careloop."""

    TYPE: ClassVar[str] = "careloop.ticket.released.v1"


class LabelCorrected(TicketPayload, Reported):
    """An agent says what the message really was; labels not named were right."""

    TYPE: ClassVar[str] = "careloop.label.corrected.v1"

    message_id: Identifier | None = None
    intent: str | None = None
    sentiment: Sentiment | None = None
    priority: Priority | None = None


class InteractionRecorded(Reported):
    """The customer did something with an item or a plan.

    `value` is money for a purchase or a return, stars for a rating, and units for usage. With usage
    `item_id` is the plan, `allowance` what it holds from `period_start` to `period_end`; each needs
    the others.
    """

    TYPE: ClassVar[str] = "careloop.interaction.recorded.v1"

    kind: Literal["viewed", "carted", "purchased", "rated", "returned", "used"]
    item_id: Identifier | None = None
    value: float | None = Field(default=None, allow_inf_nan=False)
    order_id: Identifier | None = None
    allowance: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    period_start: Instant | None = None
    period_end: Instant | None = None

    @model_validator(mode="after")
    def names_a_customer(self) -> "InteractionRecorded":
        if self.customer_id is None and self.customer_key is None:
            raise refused("customer_id", "the customer is needed")
        return self

    @model_validator(mode="after")
    def periods_end_after_their_start(self) -> "InteractionRecorded":
        start, end = self.period_start, self.period_end
        if start is not None and end is not None and end <= start:
            raise refused("period_end", "must be after period_start")
        return self

    @property
    def key(self) -> str | None:
        return self.customer_key


class ErasureRequested(Payload):
    """A customer wants to be forgotten: everything from before `requested_at`. Sent to `ingest`,
    which forgets them and says so (`customer.erased`).

    They are named as their tickets did: by `customer_id`, or by `email` where those had no id.
    Without a time it is when ingest received it.
    """

    TYPE: ClassVar[str] = "careloop.erasure.requested.v1"

    customer_id: Identifier | None = None
    email: str | None = None
    requested_at: Instant | None = None

    @model_validator(mode="after")
    def names_a_customer(self) -> "ErasureRequested":
        if not (self.customer_id or self.email):
            raise refused("customer_id", "the customer's id or e-mail address is needed")
        return self

    @property
    def key(self) -> str | None:
        return None
