"""An OTLP collector of a test's own: takes spans over HTTP and keeps them."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status


@dataclass(frozen=True)
class Collected:
    """A span as it arrived; ids in hexadecimal, no parent as None, times in nanoseconds."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent: str | None
    start: int
    end: int
    attributes: Mapping[str, Any]
    error: str | None
    links: tuple[tuple[str, str], ...]
    everything: str
    """Whatever was sent of it and its process, as text."""


class Collector:
    """Serves until the test ends. `headers` are those of the last request."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self._spans: list[Collected] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def spans(self) -> list[Collected]:
        with self._lock:
            return list(self._spans)

    def of(self, trace_id: str) -> list[Collected]:
        """The spans of a trace, each once however often it arrived, in order of their start."""
        found = {span.span_id: span for span in self.spans if span.trace_id == trace_id}
        return sorted(found.values(), key=lambda span: span.start)

    def until(
        self, enough: Callable[[list[Collected]], bool], seconds: float = 30.0
    ) -> list[Collected]:
        """All spans, once they are enough."""
        deadline = time.monotonic() + seconds
        while not enough(spans := self.spans):
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(spans)} spans are not enough after {seconds} s")
            time.sleep(0.1)
        return spans

    def take(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        taken = list(_spans(request))
        with self._lock:
            self._spans += taken

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                known = self.path == "/v1/traces"
                if known:
                    collector.headers = {k.lower(): v for k, v in self.headers.items()}
                    collector.take(body)
                self.send_response(200 if known else 404)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        return Handler


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()
    serving = threading.Thread(target=collector.serve, daemon=True)
    serving.start()
    try:
        yield collector
    finally:
        collector.stop()
        serving.join(5)


def _spans(request: ExportTraceServiceRequest) -> Iterator[Collected]:
    for resource in request.resource_spans:
        process = {one.key: _value(one.value) for one in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield _collected(str(process["service.name"]), span, str(resource.resource))


def _collected(service: str, span: ProtoSpan, process: str) -> Collected:
    failed = span.status.code == Status.STATUS_CODE_ERROR
    return Collected(
        service=service,
        name=span.name,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent=span.parent_span_id.hex() or None,
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        attributes={one.key: _value(one.value) for one in span.attributes},
        error=span.status.message if failed else None,
        links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
        everything=f"{process}{span}",
    )


def _value(value: AnyValue) -> Any:
    return getattr(value, str(value.WhichOneof("value")))
