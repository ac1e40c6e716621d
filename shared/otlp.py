"""Exports spans with OpenTelemetry: OTLP over HTTP, in a thread, and never in anybody's way.

Endpoint, headers and sampler are settings of every worker. Certificates, timeout and compression
are read by OpenTelemetry itself from its own variables (OTEL_EXPORTER_OTLP_TIMEOUT, ...), and so is
how often it exports (OTEL_BSP_SCHEDULE_DELAY) and what else is said of the process
(OTEL_RESOURCE_ATTRIBUTES). Nothing is registered globally.
"""

import logging
import os
import socket
import threading
from collections.abc import Sequence

from opentelemetry import trace as api
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
)
from opentelemetry.util.re import parse_env_headers
from prometheus_client import Counter

from shared import log, trace
from shared.span import Span

logger = log.get(__name__)

SPANS = Counter(
    "careloop_spans_total",
    "Spans by what became of them: exported, failed at the collector, or dropped unsent",
    ["result"],
)
MOST_WAITING = 2048
"""Spans that wait or are on their way: about 4 MB."""
MOST_AT_ONCE = 512
"""Spans in one request."""
PATH = "/v1/traces"
"""Where a collector takes spans, below its endpoint (OTLP 1.x, OTLP/HTTP)."""
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class GivenIds(IdGenerator):
    """Hands out the ids of the span that is recorded just now."""

    def __init__(self) -> None:
        self.trace_id = 0
        self.span_id = 0

    def generate_span_id(self) -> int:
        return self.span_id

    def generate_trace_id(self) -> int:
        return self.trace_id


class Counted(SpanExporter):
    """Counts what the exporter is given, and says once when it fails and once when it works."""

    def __init__(self, exporter: SpanExporter, worker: str) -> None:
        self._exporter = exporter
        self._worker = worker
        self._failing = False
        self.finished = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        done = False
        try:
            done = self._exporter.export(spans) is SpanExportResult.SUCCESS
        finally:
            self.finished += len(spans)
            SPANS.labels("exported" if done else "failed").inc(len(spans))
            self._say(failing=not done)
        return SpanExportResult.SUCCESS if done else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def _say(self, *, failing: bool) -> None:
        # A thread of its own: what the worker's lines have in common has to be said again.
        if failing and not self._failing:
            logger.warning("spans cannot be exported: going on without", worker=self._worker)
        elif self._failing and not failing:
            logger.info("spans are exported again", worker=self._worker)
        self._failing = failing


class OtelRecorder:
    """Turns spans into OpenTelemetry's. `most` wait at once: what comes on top is dropped."""

    def __init__(self, worker: str, exporter: SpanExporter, most: int = MOST_WAITING) -> None:
        for result in ("exported", "failed", "dropped"):
            SPANS.labels(result)
        self._counted = Counted(exporter, worker)
        self._most = most
        self._taken = 0
        self._ids = GivenIds()
        # Never more than a queue's length waits, so that its own way of dropping is not needed.
        self._processor = BatchSpanProcessor(
            self._counted, max_queue_size=most, max_export_batch_size=min(MOST_AT_ONCE, most)
        )
        provider = TracerProvider(
            sampler=ALWAYS_ON,  # what is not sampled does not come here
            id_generator=self._ids,
            shutdown_on_exit=False,
            resource=Resource.create(
                {
                    "service.name": f"careloop-{worker}",
                    "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
                }
            ),
        )
        provider.add_span_processor(self._processor)
        self._tracer = provider.get_tracer("careloop")

    def record(self, span: Span) -> None:
        """Put it into the queue, if there is room."""
        if self._taken - self._counted.finished >= self._most:
            SPANS.labels("dropped").inc()
            return
        self._taken += 1
        self._ids.trace_id = int(span.trace_id, 16)
        self._ids.span_id = int(span.span_id, 16)
        # No parent is said by one that is not valid: whatever is current here does not count.
        parent = _context(span.trace_id, span.parent) if span.parent else api.INVALID_SPAN_CONTEXT
        made = self._tracer.start_span(
            span.name,
            context=api.set_span_in_context(NonRecordingSpan(parent)),
            kind=SpanKind.CONSUMER,
            attributes=span.attributes,
            links=[Link(_context(trace.trace_id(to), trace.span_id(to))) for to in span.links],
            start_time=span.start,
        )
        if span.handled is not None:
            made.add_event("handled", timestamp=span.handled)
        if span.code is not None:
            made.set_status(Status(StatusCode.ERROR, span.code))
        made.end(end_time=span.end)

    def close(self, seconds: float) -> None:
        """Export what waits. A collector that does not take it in that time does not get it."""
        closing = threading.Thread(target=self._processor.shutdown, daemon=True)
        closing.start()
        closing.join(seconds)
        if closing.is_alive():
            # Ends the tries under way; the threads hold up nobody, they die with the process.
            self._counted.shutdown()


def exporting(worker: str, endpoint: str, headers: str) -> OtelRecorder:
    """Exports to the collector at `endpoint`; connects when there is something to export.

    `headers` are written as in OTEL_EXPORTER_OTLP_HEADERS: `name=value`, comma separated, escaped.
    """
    # OpenTelemetry reports every failed attempt; the worker says it once, in words.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    sent_along = parse_env_headers(headers, liberal=True)
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + PATH, headers=sent_along)
    return OtelRecorder(worker, exporter)


def _context(trace_id: str, span_id: str) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=_SAMPLED)
