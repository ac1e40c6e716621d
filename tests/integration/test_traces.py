"""One trace per ticket: the spans of the five real workers, as a collector gets them."""

import itertools
from collections.abc import Iterator, Sequence

import orjson
import pytest

from deploy.system import System
from shared.events import FeedbackRated
from tests.e2e.home import prepared
from tests.e2e.tickets import EN, report, ticket
from tests.e2e.wire import Message, Wire, data, headers
from tests.integration.collector import Collected, Collector, collecting

UPSTREAM = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
WAY = ["ingest", "classify", "personalize", "generate", "feedback"]


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as started:
        yield started


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[System]:
    traced = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20a-token",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    with System(tmp_path_factory.mktemp("traces"), prepared(), print, traced) as started:
        yield started


@pytest.fixture
def wire(system: System) -> Wire:
    return Wire(system.runtime.endpoints.kafka)


def traced(message: Message, traceparent: str) -> Message:
    return message._replace(headers=(("traceparent", traceparent.encode()),))


def services(spans: Sequence[Collected]) -> list[str]:
    return [span.service.removeprefix("careloop-") for span in spans]


def await_spans(collector: Collector, trace_id: str, number: int) -> list[Collected]:
    collector.until(lambda _: len(collector.of(trace_id)) >= number)
    return collector.of(trace_id)


async def test_the_spans_of_a_ticket_are_one_chain_from_upstreams(
    wire: Wire, collector: Collector
) -> None:
    await wire.publish([traced(ticket("traced-1", EN), UPSTREAM)])
    (reply,) = await wire.replies("traced-1")
    await wire.settled()
    spans = await_spans(collector, UPSTREAM[3:35], 5)
    assert services(spans) == WAY
    assert [span.name for span in spans] == [f"process {topic}" for topic in WAY]
    parents = [UPSTREAM[36:52], *(span.span_id for span in spans[:-1])]
    assert [span.parent for span in spans] == parents
    # Upstream goes on from the span that made its reply.
    answered = headers(reply)["traceparent"]
    assert (answered[3:35], answered[36:52]) == (UPSTREAM[3:35], spans[3].span_id)
    assert spans[3].attributes["careloop.decision"] == data(reply)["decision"]
    for span in spans:
        assert span.start < span.end
        assert span.error is None
        assert span.attributes["careloop.key"] == "traced-1"
        assert span.attributes["careloop.result"] == "done"
    for earlier, later in itertools.pairwise(spans):
        # What the next worker reads stands on its topic before this one has it confirmed.
        assert earlier.start < later.start
        assert 0 <= later.attributes["careloop.queue_seconds"] < 30
    assert collector.headers["authorization"] == "Bearer a-token"


async def test_every_event_on_the_way_names_the_span_that_made_it(
    wire: Wire, collector: Collector
) -> None:
    await wire.publish([ticket("traced-2", EN)])
    await wire.replies("traced-2")
    await wire.settled()
    made = []
    for topic in ("classify", "personalize", "generate", "responses"):
        (record,) = [one for one in await wire.read(topic) if one.key == b"traced-2"]
        made.append(headers(record)["traceparent"])
    assert len({traceparent[3:35] for traceparent in made}) == 1
    spans = await_spans(collector, made[0][3:35], 5)
    assert [span.span_id for span in spans[:4]] == [one[36:52] for one in made]
    assert spans[0].parent is None, "the trace begins with us"


async def test_a_dead_letter_says_its_code(wire: Wire, collector: Collector) -> None:
    trace_id = "1" * 32
    broken = Message(b'{"ticket_id": "traced-3", "body": ')
    await wire.publish([traced(broken, f"00-{trace_id}-00f067aa0ba902b7-01")])
    (span,) = await_spans(collector, trace_id, 1)
    (letter,) = [
        headers(one) for one in await wire.read("ingest.dlq") if trace_id in str(one.headers)
    ]
    assert span.error == letter["dlq-code"] == "value.not_json"
    assert (span.service, span.parent) == ("careloop-ingest", "00f067aa0ba902b7")
    assert span.attributes["careloop.result"] == "dead_letter"
    assert span.attributes["messaging.kafka.offset"] == int(letter["dlq-source-offset"])


async def test_what_is_reported_has_a_trace_of_its_own(wire: Wire, collector: Collector) -> None:
    """A rating: ingest passes it on to feedback and personalize, which both hear of it."""
    trace_id = "2" * 32
    rated = report(FeedbackRated, "traced-rating", {"ticket_id": "traced-4", "rating": 5})
    envelope = orjson.loads(rated.value or b"")
    # In structured mode it is an attribute of the envelope.
    envelope["traceparent"] = f"00-{trace_id}-00f067aa0ba902b7-01"
    await wire.publish([rated._replace(value=orjson.dumps(envelope))])
    spans = await_spans(collector, trace_id, 3)
    assert sorted(services(spans)) == ["feedback", "ingest", "personalize"]
    first = spans[0]
    assert first.parent == "00f067aa0ba902b7"
    assert {span.parent for span in spans[1:]} == {first.span_id}
    assert len({span.span_id for span in spans}) == 3


async def test_what_upstream_leaves_out_is_left_out(wire: Wire, collector: Collector) -> None:
    trace_id = "3" * 32
    await wire.publish([traced(ticket("traced-5", EN), f"00-{trace_id}-00f067aa0ba902b7-00")])
    await wire.replies("traced-5")
    await wire.publish([traced(ticket("traced-6", EN), "00-" + "4" * 32 + "-00f067aa0ba902b7-01")])
    await wire.replies("traced-6")
    await wire.settled()
    await_spans(collector, "4" * 32, 5)
    assert collector.of(trace_id) == []


async def test_nothing_is_dropped_and_a_stopped_worker_exports_what_it_has(
    system: System, wire: Wire, collector: Collector
) -> None:
    before = len(collector.spans)
    await wire.publish(ticket(f"flood-{n}", f"{EN} {n}") for n in range(100))
    await wire.replies(*(f"flood-{n}" for n in range(100)))
    await wire.settled()
    # Stops at once after its work: what it did lately is exported all the same.
    assert system.workers["feedback"].stop() == 0
    collector.until(lambda spans: len(spans) >= before + 500)
    for name in WAY[:-1]:
        worker = system.workers[name]
        assert worker.metric('careloop_spans_total{result="exported"}') >= 100
        for result in ("dropped", "failed"):
            assert worker.metric(f'careloop_spans_total{{result="{result}"}}') == 0
    system.workers["feedback"].start()
    system.workers["feedback"].wait_until_ready()
