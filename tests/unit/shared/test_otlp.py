"""Exporting spans: bounded, counted, and in nobody's way, whatever the collector does."""

import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from structlog.testing import capture_logs

from deploy.runtime.ports import free_ports
from shared.otlp import SPANS, OtelRecorder, exporting
from shared.span import Span


def span(number: int) -> Span:
    return Span(
        name="process ingest",
        trace_id="0af7651916cd43dd8448eb211c80319c",
        span_id=f"{number + 1:016x}",
        parent=None,
        start=1,
        handled=2,
        end=3,
        attributes={},
    )


class Stuck(SpanExporter):
    """Takes spans in when it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.taken = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.go.wait(30)
        self.taken += len(spans)
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self.go.set()


def count(result: str) -> float:
    counted: float = SPANS.labels(result)._value.get()
    return counted


@pytest.fixture
def before() -> Iterator[dict[str, float]]:
    yield {result: count(result) for result in ("exported", "failed", "dropped")}


def test_a_collector_that_hangs_costs_spans_and_no_time(before: dict[str, float]) -> None:
    stuck = Stuck()
    recorder = OtelRecorder("ingest", stuck, most=100)
    started = time.monotonic()
    for number in range(1_000):
        recorder.record(span(number))
    assert time.monotonic() - started < 2.0
    assert count("dropped") - before["dropped"] == 900
    stuck.go.set()
    recorder.close(10)
    assert stuck.taken == 100
    assert count("exported") - before["exported"] == 100


def test_there_is_room_again_when_the_collector_is_back(before: dict[str, float]) -> None:
    stuck = Stuck()
    recorder = OtelRecorder("ingest", stuck, most=10)
    for number in range(20):
        recorder.record(span(number))
    stuck.go.set()
    deadline = time.monotonic() + 20
    while count("exported") - before["exported"] < 10 and time.monotonic() < deadline:
        time.sleep(0.05)
    recorder.record(span(20))
    recorder.close(10)
    assert stuck.taken == 11
    assert count("dropped") - before["dropped"] == 10


def test_closing_waits_no_longer_than_it_was_told() -> None:
    stuck = Stuck()
    recorder = OtelRecorder("ingest", stuck, most=100)
    recorder.record(span(0))
    started = time.monotonic()
    recorder.close(0.2)
    assert 0.2 <= time.monotonic() - started < 2.0


def test_nobody_listening_is_said_once_and_counted(before: dict[str, float]) -> None:
    (port,) = free_ports(1)
    recorder = exporting("ingest", f"http://127.0.0.1:{port}", "")
    with capture_logs() as lines:
        for number in range(1_500):
            recorder.record(span(number))
        started = time.monotonic()
        recorder.close(1.0)
        assert time.monotonic() - started < 3.0
        deadline = time.monotonic() + 20
        while count("failed") - before["failed"] < 1_500 and time.monotonic() < deadline:
            time.sleep(0.05)
    assert count("failed") - before["failed"] == 1_500
    assert [line["event"] for line in lines] == ["spans cannot be exported: going on without"]
    assert lines[0]["worker"] == "ingest"
