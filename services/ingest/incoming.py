"""A message with what tells it from others."""

from dataclasses import dataclass
from typing import Self

from services.ingest.domain import identity
from services.ingest.keys import Keys
from shared.envelope import Event
from shared.events import TicketReceived


@dataclass(frozen=True, slots=True)
class Incoming:
    """`place` is where the message was read, `content` a keyed hash of what is written in it;
    `repeated` is the same for whatever says the same of the same sender."""

    event: Event[TicketReceived]
    message_id: str
    key: str
    content: str
    place: str
    repeated: str | None
    customer_key: str | None

    @classmethod
    def of(cls, event: Event[TicketReceived], keys: Keys) -> Self:
        data = event.data
        customer_key = keys.customer(data.customer.customer_id, data.customer.email)
        written = data.subject, data.body, [attachment.url for attachment in data.attachments]
        content = identity.content(keys.content, data.ticket_id, *written)
        sender = customer_key or f"ticket {data.ticket_id}"
        repeated = identity.repeated(keys.content, sender, *written)
        message_id = identity.message_id(data.message_id, content, data.created_at)
        key = identity.key(data.ticket_id, message_id)
        at = event.position
        place = event.id if at is None else f"{at.topic}/{at.partition}/{at.offset}"
        return cls(event, message_id, key, content, place, repeated, customer_key)
