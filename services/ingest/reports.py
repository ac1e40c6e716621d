"""Reports of what happened next go on to feedback, without personal data and with a time."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.ingest.domain.reading import TOMORROW, Rules, masked, scrubbed
from services.ingest.keys import Keys
from services.ingest.ports import Reports
from services.ingest.record import SOURCE
from shared.envelope import Event
from shared.errors import InvalidEvent
from shared.events import InteractionRecorded, Reported, ResponseReviewed
from shared.outcome import Outcome, Outgoing
from shared.topics import FEEDBACK

FREE_TEXT = ("comment", "reason")
"""What people wrote in a report."""


class ReportDesk:
    """Passes reports on; `keys` name the people in them."""

    def __init__(self, reports: Reports, keys: Keys, rules: Rules) -> None:
        self._reports = reports
        self._keys = keys
        self._rules = rules

    async def pass_on(self, events: Sequence[Event[Reported]], now: datetime) -> list[Outcome]:
        """Reports without a time of their own happened when they first came in.

        That time is stored by event id, because an event without `ce_time` has another one each
        time it is read, and a redelivery must publish what was published before.
        """
        now = now.replace(microsecond=0)
        undated = {event.id: now for event in events if not _has_time(event.data, now)}
        first_seen = await self._reports.first_seen(undated)
        return await asyncio.to_thread(
            lambda: [self._passed_on(event, first_seen.get(event.id)) for event in events]
        )

    def _passed_on(self, event: Event[Reported], first_seen: datetime | None) -> Outcome:
        data = event.data
        if isinstance(data, InteractionRecorded) and data.customer_id is None:
            # The key it was told instead is not ours.
            error = InvalidEvent("field.missing", "customer_id is needed", "customer_id")
            return Outcome(error=error)
        occurred_at = first_seen or data.occurred_at or event.time
        changes: dict[str, Any] = {
            "customer_id": None,
            "agent_id": None,
            "customer_key": self._keys.customer(data.customer_id),
            "agent_key": self._keys.agent(data.agent_id),
            "occurred_at": occurred_at,
        }
        for name in FREE_TEXT:
            if isinstance(text := getattr(data, name, None), str):
                changes[name] = scrubbed(text, self._rules)
        if isinstance(data, ResponseReviewed):
            changes |= self._to_be_sent(data)
        report = data.model_copy(update=changes)
        follows = event.derive(report, source=SOURCE, now=occurred_at)
        return Outcome(publish=(Outgoing(FEEDBACK, follows),))

    def _to_be_sent(self, data: ResponseReviewed) -> dict[str, Any]:
        """The agent's text as it goes on. What it says of people is sealed: generate sends it."""
        if data.final_text is None:
            return {"sealed": None}
        text, originals = masked(
            data.final_text,
            self._rules,
            lambda written: self._keys.original(data.ticket_id, written),
        )
        return {"final_text": text, "sealed": self._keys.seal(originals, data.ticket_id)}


def _has_time(report: Reported, now: datetime) -> bool:
    return report.occurred_at is not None and report.occurred_at <= now + TOMORROW
