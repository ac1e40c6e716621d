"""Our delivery loop in a process of its own, with a handler that does nothing, or next to it.

A real `Worker`: FastStream subscriber, `Delivery`, HTTP server, all as in the five workers. It
prints its speed and ends once it has taken all messages of its topic.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from shared import topics
from shared.clock import utc_now
from shared.envelope import Event
from shared.events import TicketAccepted, TicketClassified
from shared.outcome import DONE, Outcome, Outgoing
from shared.settings import WorkerSettings
from shared.worker import Worker
from tests.bench.meter import Meter
from tests.integration.samples import UNDERSTANDING


class Handler:
    """Does nothing, or publishes one event for each."""

    def __init__(self, meter: Meter, publishes: bool) -> None:
        self._meter = meter
        self._publishes = publishes

    async def handle(self, events: Sequence[Event[TicketAccepted]]) -> Sequence[Outcome]:
        speed = self._meter.handled(len(events))
        if speed is not None:
            print(speed.line(), flush=True)
            os.kill(os.getpid(), signal.SIGTERM)
        if not self._publishes:
            return [DONE] * len(events)
        return [self._outcome(event) for event in events]

    def _outcome(self, event: Event[TicketAccepted]) -> Outcome:
        data = TicketClassified(ticket=event.data.ticket, understanding=UNDERSTANDING)
        derived = event.derive(data, source="/careloop/bench", now=utc_now())
        return Outcome((Outgoing(topics.PERSONALIZE, derived),))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.loop_careloop", description=__doc__
    )
    parser.add_argument("group", help="a consumer group of its own; reads from the beginning")
    parser.add_argument("messages", type=int, help="how many stand on the topic")
    parser.add_argument("--publish", action="store_true", help="publish one event for each")
    arguments = parser.parse_args()
    worker = Worker(arguments.group, WorkerSettings())
    handler = Handler(Meter(arguments.messages), arguments.publish)
    worker.subscribe(topics.CLASSIFY, handler.handle, handles=(TicketAccepted,))
    return worker.run()


if __name__ == "__main__":
    sys.exit(main())
