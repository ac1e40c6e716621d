"""What careloop writes is read by the standard's own library, and the other way round."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.envelope import decode, encode
from tests.contract.examples import EXAMPLES, NOW, Example, Written

kafka = pytest.importorskip("cloudevents.core.bindings.kafka")
JSONFormat = pytest.importorskip("cloudevents.core.formats.json").JSONFormat
CloudEvent = pytest.importorskip("cloudevents.core.v1.event").CloudEvent

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_the_library_reads_what_careloop_writes(example: Example) -> None:
    event = example.event
    key, value, headers = encode(event)
    message = kafka.KafkaMessage(headers=dict(headers), key=key, value=value)
    read = kafka.from_kafka(message, JSONFormat())
    assert read.get_id() == event.id
    assert read.get_type() == event.type
    assert read.get_source() == event.source
    assert read.get_time() == event.time
    assert read.get_data() == json.loads(value)


@pytest.mark.parametrize("write", ["to_binary", "to_structured"])
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_careloop_reads_what_the_library_writes(example: Example, write: str) -> None:
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": "e-1",
        "type": example.event_type,
        "source": "/desk",
        "time": datetime(2026, 11, 23, 10, tzinfo=UTC),
        "datacontenttype": "application/json",
        "subject": "anything",
        "traceparent": PARENT,
    }
    message = getattr(kafka, write)(CloudEvent(attributes, example.data), JSONFormat())
    read = decode(Written(message.value, list(message.headers.items())), now=NOW)
    assert read.data == example.payload
    assert read.time == attributes["time"]
    assert read.source == "/desk"
    assert read.traceparent == PARENT
