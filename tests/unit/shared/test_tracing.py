"""Spans: their ids are those of the traceparents, and they say how work ended, never on what."""

import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from shared import ids, trace
from shared.delivery import Delivery
from shared.envelope import Event, encode
from shared.errors import InvalidEvent, TemporaryError
from shared.events import TicketAccepted, TicketClassified
from shared.otlp import OtelRecorder
from shared.outcome import DONE, Outcome, Outgoing
from shared.sampling import Sampling
from shared.settings import WorkerSettings
from shared.subscription import Subscription
from shared.topics import CLASSIFY, PERSONALIZE, RESPONSES
from shared.tracing import Tracing
from tests.integration.samples import NOW as SAMPLED_AT
from tests.integration.samples import UNDERSTANDING, accepted
from tests.unit.shared.kit import NOW, Record, Stage, bad

SECRET = "lilei@example.com"
UPSTREAM = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Passing:
    """Passes events on as classify does; does what the texts say. `times` is how often it fails."""

    def __init__(self, times: int = 0) -> None:
        self.times = times

    async def __call__(self, events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        return [self._outcome(event) for event in events]

    def _outcome(self, event: Event[Any]) -> Outcome:
        text = event.data.ticket.text
        if text.startswith("bug"):
            raise ValueError(text)
        if text.startswith("invalid"):
            return Outcome(error=InvalidEvent("test.invalid", "cannot be"))
        if text.startswith("done"):
            return DONE
        if text.startswith("away") and self.times > 0:
            self.times -= 1
            return Outcome(error=TemporaryError(text))
        return Outcome((Outgoing(PERSONALIZE, passed_on(event)),))


def passed_on(event: Event[Any]) -> Event[Any]:
    data = TicketClassified(ticket=event.data.ticket, understanding=UNDERSTANDING)
    return event.derive(data, source="/careloop/classify", now=SAMPLED_AT)


class Traced:
    """A delivery loop whose spans are kept."""

    def __init__(
        self, handler: Any, sampling: Sampling | None = None, worker: str = "classify"
    ) -> None:
        self._kept = InMemorySpanExporter()
        self._recorder = OtelRecorder("classify", self._kept)
        sampling = sampling or Sampling.of("parentbased_always_on", 1.0)
        tracing = Tracing("classify", self._recorder, sampling)
        self.stage = Stage(handler)
        publisher: Any = self.stage.publisher
        self.stage.delivery = Delivery(
            Subscription(worker, CLASSIFY, (TicketAccepted,), tracing.watching(handler)),
            publisher,
            WorkerSettings(retry_base_seconds=0.001, pause_max_seconds=0.002),
            lambda: NOW,
            tracing,
        )

    async def deliver(self, *records: Record) -> None:
        await self.stage.deliver(*records)

    def spans(self) -> list[ReadableSpan]:
        self._recorder.close(5)
        return list(self._kept.get_finished_spans())


def message(offset: int, text: str = "where is it?", traceparent: str = UPSTREAM) -> Record:
    """A message of ticket `T-<offset>`, made by the span that `traceparent` names."""
    event = accepted(f"T-{offset}", 1, text)
    made = Event(event.id, event.source, event.time, traceparent, event.data)
    key, value, headers = encode(made)
    return Record(value, headers, offset, 0, key)


def header(record: Record, name: str) -> str:
    return next(value.decode() for told, value in record.headers if told == name)


def ids_of(span: ReadableSpan) -> tuple[str, str, str | None]:
    """Trace, span and parent, in hexadecimal."""
    at = span.get_span_context()
    assert at is not None
    parent = f"{span.parent.span_id:016x}" if span.parent else None
    return f"{at.trace_id:032x}", f"{at.span_id:016x}", parent


async def test_a_span_has_the_id_that_the_published_event_names_as_its_maker() -> None:
    traced, came = Traced(Passing()), message(7)
    await traced.deliver(came)
    (span,) = traced.spans()
    ((_, _, sent),) = traced.stage.publisher.written
    assert ids_of(span) == (UPSTREAM[3:35], sent["traceparent"][36:52], UPSTREAM[36:52])
    # By hand: the id of what follows is uuid5 over the id of what came and the new type.
    follows = ids.derived(header(came, "ce_id"), "careloop.ticket.classified.v1")
    assert ids_of(span)[1] == follows.replace("-", "")[:16]


async def test_a_span_says_where_the_event_stood_and_how_it_ended() -> None:
    traced, came = Traced(Passing()), message(7)
    await traced.deliver(came, message(8))
    span = traced.spans()[0]
    told = dict(span.attributes or {})
    assert (span.name, span.kind) == ("process classify", SpanKind.CONSUMER)
    assert told.pop("careloop.queue_seconds") >= 0  # type: ignore[operator]
    assert told == {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "classify",
        "messaging.destination.partition.id": "0",
        "messaging.kafka.offset": 7,
        "messaging.consumer.group.name": "classify",
        "messaging.message.id": header(came, "ce_id"),
        "cloudevents.event_type": "careloop.ticket.accepted.v1",
        "careloop.worker": "classify",
        "careloop.key": "T-7",
        "careloop.result": "done",
        "careloop.attempts": 1,
        "careloop.batch_size": 2,
        "careloop.redelivered": False,
    }
    assert span.resource.attributes["service.name"] == "careloop-classify"
    (handled,) = span.events
    assert span.start_time and span.end_time
    assert span.start_time <= handled.timestamp <= span.end_time
    assert span.status.status_code is StatusCode.UNSET


async def test_waiting_in_the_queue_is_told_from_working() -> None:
    """Five seconds on the topic; and a producer whose clock runs ahead, as if it were none."""
    traced, came, ahead = Traced(Passing()), message(0), message(1)
    came.timestamp = int((time.time() - 5) * 1000)
    ahead.timestamp = int((time.time() + 60) * 1000)
    await traced.deliver(came, ahead)
    waited = [(span.attributes or {})["careloop.queue_seconds"] for span in traced.spans()]
    assert waited == [pytest.approx(5, abs=0.5), 0.0]


async def test_a_trace_that_begins_with_us_has_its_root_here() -> None:
    event_id = accepted("T-0", 1).id
    traced = Traced(Passing())
    await traced.deliver(message(0, traceparent=trace.started(event_id)))
    (span,) = traced.spans()
    trace_id, _, parent = ids_of(span)
    assert (trace_id, parent) == (trace.started(event_id)[3:35], None)


async def test_an_event_published_twice_is_the_work_of_one_span() -> None:
    async def both(events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        sent = [passed_on(event) for event in events]
        return [Outcome((Outgoing(RESPONSES, one), Outgoing(PERSONALIZE, one))) for one in sent]

    traced = Traced(both)
    await traced.deliver(message(0))
    (span,) = traced.spans()
    assert span.links == ()


async def test_what_is_published_within_another_trace_is_linked_to() -> None:
    other = "00-11111111111111111111111111111111-2222222222222222-01"

    async def answer(events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        follows = passed_on(events[0])
        elsewhere = Event(follows.id, follows.source, follows.time, other, follows.data)
        return [Outcome((Outgoing(PERSONALIZE, elsewhere),))]

    traced = Traced(answer)
    await traced.deliver(message(0))
    (span,) = traced.spans()
    (link,) = span.links
    assert (f"{link.context.trace_id:032x}", f"{link.context.span_id:016x}") == (
        other[3:35],
        other[36:52],
    )
    trace_id, own, parent = ids_of(span)
    assert (trace_id, parent) == (UPSTREAM[3:35], UPSTREAM[36:52])
    assert own != other[36:52], "that span is somebody else's"


@pytest.mark.parametrize("text", ["where is it?", "done", "invalid"])
async def test_work_that_is_done_again_makes_the_same_span_again(text: str) -> None:
    traced = Traced(Passing())
    for _ in range(2):
        await traced.deliver(message(4, text))
    first, second = traced.spans()
    assert ids_of(first) == ids_of(second)
    again = [(one.attributes or {})["careloop.redelivered"] for one in (first, second)]
    assert again == [False, True]
    elsewhere = Traced(Passing())
    await elsewhere.deliver(message(4, text))
    assert ids_of(elsewhere.spans()[0]) == ids_of(first), "another process"


async def test_different_work_has_different_spans() -> None:
    traced = Traced(Passing())
    texts = ["where is it?", "done", "invalid"]
    await traced.deliver(*(message(n, texts[n % 3]) for n in range(60)))
    assert len({ids_of(span) for span in traced.spans()}) == 60


@pytest.mark.parametrize(
    ("text", "code"), [("invalid", "test.invalid"), (f"bug {SECRET}", "bug.ValueError")]
)
async def test_a_dead_letter_says_its_code_and_nothing_of_the_message(text: str, code: str) -> None:
    traced = Traced(Passing())
    await traced.deliver(message(0, text))
    (span,) = traced.spans()
    told = span.attributes or {}
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, code)
    assert (told["careloop.result"], told["error.type"]) == ("dead_letter", code)
    assert SECRET not in span.to_json()


async def test_what_cannot_be_read_has_a_span_in_its_headers_trace() -> None:
    traced, lost = Traced(Passing()), bad(1, SECRET.encode())
    told = bad(0, SECRET.encode())
    told.headers = [*told.headers, ("traceparent", UPSTREAM.encode())]
    await traced.deliver(told, lost)
    known, unknown = traced.spans()
    assert ids_of(known)[::2] == (UPSTREAM[3:35], UPSTREAM[36:52])
    assert ids_of(unknown)[::2] == (trace.started("classify/0/1")[3:35], None)
    assert known.status.description == unknown.status.description == "value.not_json"
    assert SECRET not in known.to_json() + unknown.to_json()


async def test_who_waits_for_another_was_not_worked_on() -> None:
    traced = Traced(Passing(times=99))
    first = message(0, "away")
    same_key = Record(*encode_with_key(first), 1, 0, first.key)
    await traced.deliver(first, same_key)
    (span,) = traced.spans()
    told = span.attributes or {}
    assert (told["messaging.kafka.offset"], told["careloop.attempts"]) == (0, 3)
    assert (told["careloop.result"], span.status.description) == ("unsettled", "temporary")


def encode_with_key(first: Record) -> tuple[bytes | None, Sequence[tuple[str, bytes]]]:
    return first.value, first.headers


async def test_tries_in_place_are_one_span_from_the_first_on() -> None:
    traced = Traced(Passing(times=2))
    await traced.deliver(message(0, "away"))
    (span,) = traced.spans()
    assert (span.attributes or {})["careloop.attempts"] == 3
    assert span.status.status_code is StatusCode.UNSET
    (handled,) = span.events
    assert span.start_time and span.end_time
    # Two back-offs of at least 0.5 and 1 ms lie between the first try and the last.
    assert handled.timestamp - span.start_time > 1_500_000


async def test_a_write_that_failed_is_no_success() -> None:
    traced = Traced(Passing())
    traced.stage.publisher.lost = lambda topic, key: topic == "personalize"
    await traced.deliver(message(0))
    traced.stage.publisher.lost = lambda topic, key: False
    await traced.deliver(message(0))
    failed, done = traced.spans()
    results = [(span.attributes or {})["careloop.result"] for span in (failed, done)]
    assert results == ["unsettled", "done"]
    assert ids_of(failed)[1] != ids_of(done)[1], "one of them made what was published"
    assert ids_of(failed)[2] == ids_of(done)[2]


async def test_what_others_are_to_read_makes_no_span() -> None:
    traced = Traced(Passing(), worker="generate")
    await traced.deliver(Record(b"{}", [("ce_type", b"careloop.insight.reported.v1")], 0))
    assert traced.spans() == []
    assert traced.stage.consumer.commits == {0: 1}


async def test_what_upstream_does_not_record_is_not_recorded() -> None:
    traced = Traced(Passing())
    await traced.deliver(message(0, traceparent=f"{UPSTREAM[:-2]}00"), message(1))
    assert len(traced.spans()) == 1
    everything = Traced(Passing(), Sampling.of("always_on", 1.0))
    await everything.deliver(message(0, traceparent=f"{UPSTREAM[:-2]}00"))
    assert len(everything.spans()) == 1


def test_without_an_endpoint_nothing_of_it_is_loaded() -> None:
    code = (
        "import sys, shared.worker, shared.tracing as t;"
        "from shared.settings import WorkerSettings;"
        "w = shared.worker.Worker('ingest', WorkerSettings());"
        "assert t.of('ingest', WorkerSettings()) is None;"
        "assert not [m for m in sys.modules if m.startswith(('opentelemetry.sdk',"
        " 'opentelemetry.exporter', 'opentelemetry.proto', 'shared.otlp', 'google.protobuf'))]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
