"""A worker for tests of delivery: stores each message, passes it on, fails when its text says so.

`invalid` and `bug` fail for good, `away` fails as long as the file PROBE_AWAY exists, `slow` takes
a while. Run as `python -m tests.integration.probe`; it takes the place of classify.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from shared import topics
from shared.clock import utc_now
from shared.envelope import Event
from shared.errors import InvalidEvent, TemporaryError
from shared.events import TicketAccepted, TicketClassified
from shared.mongo import Mongo, duplicates_ignored, failures_named
from shared.outcome import Outcome, Outgoing
from shared.settings import WorkerSettings
from shared.worker import Worker
from tests.integration.samples import UNDERSTANDING

DATABASE = "probe"


class Probe:
    def __init__(self, mongo: Mongo, away: Path) -> None:
        self._seen = mongo.database["seen"]
        self._away = away

    async def handle(self, events: Sequence[Event[TicketAccepted]]) -> list[Outcome]:
        texts = [event.data.ticket.text for event in events]
        if any(text == "bug" for text in texts):
            raise ValueError("a bug")
        if "slow" in texts:
            await asyncio.sleep(0.5)
        with failures_named(), duplicates_ignored():
            await self._seen.insert_many([{"_id": event.id} for event in events], ordered=False)
        return [self._outcome(event) for event in events]

    def _outcome(self, event: Event[TicketAccepted]) -> Outcome:
        ticket = event.data.ticket
        if ticket.text == "invalid":
            return Outcome(error=InvalidEvent("test.invalid", "the test said so", "ticket.text"))
        if ticket.text == "away" and self._away.exists():
            return Outcome(error=TemporaryError("something is away"))
        data = TicketClassified(ticket=ticket, understanding=UNDERSTANDING)
        derived = event.derive(data, source="/careloop/classify", now=utc_now())
        return Outcome((Outgoing(topics.PERSONALIZE, derived),))


def main() -> int:
    settings = WorkerSettings()
    mongo = Mongo(settings.mongo_url, DATABASE)
    probe = Probe(mongo, Path(os.environ["PROBE_AWAY"]))
    worker = Worker("classify", settings)
    worker.rely_on("the database", mongo.reach)
    worker.on_close(mongo.close)
    worker.subscribe(topics.CLASSIFY, probe.handle, handles=(TicketAccepted,))
    return worker.run()


if __name__ == "__main__":
    sys.exit(main())
