"""The spans of the work on events: whose ids follow from the traceparents that events carry.

    upstream's span -> ingest -> classify -> personalize -> generate -> feedback

The span of a worker's work on an event is the one in the traceparent of the event that it caused;
its parent is the one in the traceparent of the event that it read. So the tree is right although
workers tell each other nothing else, and work that is done again makes the same span again.
Nothing of OpenTelemetry is imported unless spans are exported.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shared import deadletters, ids, log, trace
from shared.batch import Item
from shared.envelope import Event, Position
from shared.errors import TemporaryError
from shared.events import Payload, ResponseGenerated
from shared.outcome import Handler, Outcome, Outgoing
from shared.sampling import Sampling
from shared.settings import WorkerSettings
from shared.span import Recorder, Span, Value

FLUSH_SECONDS = 3.0
"""What a drain waits at most for spans to be exported."""


@dataclass(slots=True)
class _Work:
    """What the handler did for an event: when it began first, and what it said last."""

    began: int
    handled: int | None = None
    publish: tuple[Outgoing, ...] = field(default=())


class Tracing:
    """Makes the spans of one worker's process."""

    def __init__(self, worker: str, recorder: Recorder, sampling: Sampling) -> None:
        self._worker = worker
        self._recorder = recorder
        self._sampling = sampling
        self._under_way: dict[Position, _Work] = {}
        self._furthest: dict[tuple[str, int], int] = {}

    def watching(self, handler: Handler) -> Handler:
        """The same handler, with a note of when it began on each event and what came of it."""

        async def watched(events: Sequence[Event[Any]]) -> Sequence[Outcome]:
            began = time.time_ns()
            works = [self._work(event, began) for event in events]
            outcomes = await handler(events)
            handled = time.time_ns()
            for work, outcome in zip(works, outcomes, strict=False):
                work.handled, work.publish = handled, outcome.publish
            return outcomes

        return watched

    def record(self, items: Sequence[Item]) -> None:
        """The spans of a batch whose writes are safe, or known not to be.

        An event that was passed over, or not come to because another one waits, makes none.
        """
        end = time.time_ns()
        for item in items:
            event = item.event
            position = event.position if event else None
            work = self._under_way.pop(position, None) if position else None
            if work is None and (event is not None or item.error is None):
                continue
            came = event.traceparent if event else trace.of_unread(item.record)
            if self._sampling.takes(came):
                self._recorder.record(self._span(item, came, work or _Work(end), end, len(items)))
            self._note(item)

    def close(self) -> None:
        """Deliver what is still here; a collector that is away holds nobody up."""
        self._recorder.close(FLUSH_SECONDS)

    def _work(self, event: Event[Any], began: int) -> _Work:
        """Of all tries in place, the first one's beginning."""
        if event.position is None:
            return _Work(began)
        return self._under_way.setdefault(event.position, _Work(began))

    def _span(self, item: Item, came: str, work: _Work, end: int, batch: int) -> Span:
        event, code = item.event, _code(item)
        read = event.id if event else trace.place(item.record)
        caused = [one.event for one in work.publish] if item.settled and code is None else []
        own = [one for one in caused if one.traceparent == trace.continued(came, one.id)]
        apart = dict.fromkeys(one.traceparent for one in caused if one not in own)
        return Span(
            name=f"process {item.record.topic}",
            trace_id=trace.trace_id(came),
            span_id=trace.span_id(own[0].traceparent) if own else _derived(self._worker, read),
            parent=None if came == trace.started(read) else trace.span_id(came),
            start=work.began,
            handled=work.handled,
            end=end,
            attributes=self._attributes(item, work, batch, code)
            | (_of_event(event) if event else {})
            | _decision(caused),
            code=code,
            links=tuple(apart),
        )

    def _attributes(
        self, item: Item, work: _Work, batch: int, code: str | None
    ) -> dict[str, Value]:
        record = item.record
        told: dict[str, Value] = {
            "messaging.system": "kafka",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": record.topic,
            "messaging.destination.partition.id": str(record.partition),
            "messaging.kafka.offset": record.offset,
            "messaging.consumer.group.name": self._worker,
            "careloop.worker": self._worker,
            "careloop.result": item.result if item.settled else "unsettled",
            "careloop.attempts": item.attempts,
            "careloop.batch_size": batch,
            "careloop.redelivered": record.offset <= self._furthest.get(_partition(item), -1),
        }
        if record.timestamp > 0:
            # Clocks of two machines differ: nothing waits for less than no time.
            told["careloop.queue_seconds"] = max(0.0, work.began / 1e9 - record.timestamp / 1e3)
        return told | ({} if code is None else {"error.type": code})

    def _note(self, item: Item) -> None:
        """How far this process came, by which it knows what it is given again."""
        partition = _partition(item)
        self._furthest[partition] = max(item.record.offset, self._furthest.get(partition, -1))


def of(worker: str, settings: WorkerSettings) -> Tracing | None:
    """As the settings say: nothing at all without an endpoint."""
    endpoint = settings.otel_exporter_otlp_endpoint.strip()
    sampling = Sampling.of(settings.otel_traces_sampler, settings.otel_traces_sampler_arg)
    if not endpoint or sampling.ratio == 0.0:
        return None
    from shared.otlp import exporting  # noqa: PLC0415, costs 17 MB: for those who want it

    headers = settings.otel_exporter_otlp_headers.get_secret_value()
    return Tracing(worker, exporting(worker, endpoint, headers), sampling)


def _partition(item: Item) -> tuple[str, int]:
    return item.record.topic, item.partition


def _derived(worker: str, read: str) -> str:
    """The span of work that caused no event of its own; the same each time it is done."""
    return ids.derived("span", worker, read).replace("-", "")[:16]


def _code(item: Item) -> str | None:
    """The reason code of the error it ended in: its words may quote a message."""
    if item.error is None:
        return None
    if isinstance(item.error, TemporaryError):
        return "temporary"
    return deadletters.reason_of(item.error).code


def _of_event(event: Event[Payload]) -> dict[str, str]:
    told = {"messaging.message.id": event.id, "cloudevents.event_type": event.type}
    key = log.key(event)
    return told | ({} if key is None else {"careloop.key": key})


def _decision(caused: Sequence[Event[Payload]]) -> dict[str, str]:
    for event in caused:
        if isinstance(event.data, ResponseGenerated):
            return {"careloop.decision": event.data.decision}
    return {}
