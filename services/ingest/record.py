"""An accepted event as it is kept, to be published again just as it was."""

from datetime import datetime

import orjson

from shared.envelope import Event
from shared.events import Payload, TicketAccepted

SOURCE = "/careloop/ingest"


def written(event: Event[Payload]) -> str:
    """The event as JSON."""
    data = event.data.model_dump(mode="json", exclude_none=True)
    envelope = {"id": event.id, "time": event.time.isoformat(), "traceparent": event.traceparent}
    return orjson.dumps(envelope | {"data": data}).decode()


def read(stored: str) -> Event[Payload]:
    """The event that was `written`."""
    kept = orjson.loads(stored)
    data = TicketAccepted.model_validate(kept["data"])
    time = datetime.fromisoformat(kept["time"])
    return Event(kept["id"], SOURCE, time, kept["traceparent"], data)
