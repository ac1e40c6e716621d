"""What every event payload has in common, and the reading rules of the contract.

Unknown fields are ignored, so that old code reads new events; every field added within v1 has a
default, so that new code reads old events.
"""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

Identifier = Annotated[str, StringConstraints(min_length=1, max_length=256)]
"""An id given by the outside: opaque, at most 256 characters."""

Language = Annotated[str, StringConstraints(min_length=2, max_length=35)]
"""A BCP 47 language tag, such as `en` or `zh`."""

Sentiment = Literal["very_negative", "negative", "neutral", "positive", "very_positive"]
Priority = Literal["low", "normal", "high", "urgent"]
Decision = Literal["answer", "ask", "act", "draft", "escalate"]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("no such time in UTC") from None


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A point in time, kept in UTC; a time without a zone is refused."""


def refused(field: str, why: str) -> PydanticCustomError:
    """What a check of several fields raises: `field` is the one to mend. Never quotes content."""
    return PydanticCustomError("refused", "{why}", {"field": field, "why": why})


class Part(BaseModel):
    """A piece of a payload. Immutable: workers add parts, they never change them."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Payload(Part):
    """The `data` of one event type."""

    TYPE: ClassVar[str]
    """CloudEvents type: `careloop.<subject>.<past tense>.v1`."""

    @property
    def key(self) -> str | None:
        """What keeps its order: the Kafka key. Never personal data; None spreads freely."""
        raise TypeError(f"{type(self).__name__} declares no key")


class TicketPayload(Payload):
    """An event about one ticket; events of a ticket keep their order."""

    ticket_id: Identifier

    @property
    def key(self) -> str | None:
        return self.ticket_id


class Reported(Payload):
    """An event the outside reports about what happened after a reply.

    The outside names people by `customer_id` and `agent_id`. Ingest replaces them by `customer_key`
    and `agent_key` (HMACs) and whatever it is told in those two is ignored.
    """

    customer_id: Identifier | None = None
    agent_id: Identifier | None = None
    customer_key: str | None = None
    agent_key: str | None = None
    occurred_at: Instant | None = None
    """When it happened; ingest fills in the time it received the event."""
