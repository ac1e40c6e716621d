"""Events for tests of delivery."""

from datetime import UTC, datetime

from shared import ids
from shared.envelope import Event, new_event
from shared.events import Payload, Ticket, TicketAccepted, Understanding

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

UNDERSTANDING = Understanding(
    intent="order_status",
    confidence=0.9,
    sentiment="neutral",
    priority="normal",
    model_version="test",
    classified_at=NOW,
)


def accepted(ticket_id: str, message: int, text: str = "where is my order?") -> Event[Payload]:
    """A message as ingest lets it in."""
    ticket = Ticket(
        ticket_id=ticket_id,
        message_id=f"m{message}",
        turn=message,
        source="test",
        channel="chat",
        text=text,
        language="en",
        created_at=NOW,
        received_at=NOW,
    )
    cause = ids.derived(ticket_id, str(message))
    return new_event(TicketAccepted(ticket=ticket), cause=cause, source="/careloop/ingest", now=NOW)
