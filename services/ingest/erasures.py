"""Wishes to be forgotten: carried out here, and passed on under the customer's key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.ingest.keys import Keys
from services.ingest.ports import Reports
from services.ingest.record import SOURCE
from shared.envelope import Event
from shared.erasing import Eraser
from shared.errors import InvalidEvent
from shared.events import CustomerErased, ErasureRequested
from shared.outcome import Outcome, Outgoing
from shared.topics import FEEDBACK


class ErasureDesk:
    """`keys` name the customers as their tickets are named; `reports` remembers when wishes without
    a time of their own came in first."""

    def __init__(self, eraser: Eraser, reports: Reports, keys: Keys) -> None:
        self._eraser = eraser
        self._reports = reports
        self._keys = keys

    async def forget(
        self, events: Sequence[Event[ErasureRequested]], now: datetime
    ) -> list[Outcome]:
        """One outcome each. Forgotten here first: what is published is done."""
        undated = {event.id: now for event in events if not _has_time(event.data, now)}
        first_seen = await self._reports.first_seen(undated)
        erased = [self._erased(event, first_seen.get(event.id)) for event in events]
        await self._eraser.erase([one for one in erased if one is not None])
        return [_outcome(one) for one in erased]

    async def again(self) -> None:
        """Forget what has come since from before. Raises TemporaryError."""
        await self._eraser.again()

    def _erased(
        self, event: Event[ErasureRequested], first_seen: datetime | None
    ) -> Event[Any] | None:
        wish = event.data
        key = self._keys.customer(wish.customer_id, wish.email)
        if key is None:
            return None
        requested_at = first_seen or wish.requested_at or event.time
        data = CustomerErased(customer_key=key, requested_at=requested_at)
        return event.derive(data, source=SOURCE, now=requested_at)


def _has_time(wish: ErasureRequested, now: datetime) -> bool:
    """One of its own that has come: what the customer writes tomorrow is not from before."""
    return wish.requested_at is not None and wish.requested_at <= now


def _outcome(erased: Event[Any] | None) -> Outcome:
    if erased is None:
        why = "the customer's id or e-mail address is empty"
        return Outcome(error=InvalidEvent("field.invalid", why, "customer_id"))
    return Outcome(publish=(Outgoing(FEEDBACK, erased),))
