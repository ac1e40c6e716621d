"""A worker's consumers wait for messages instead of sleeping between polls."""

from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from faststream.kafka import KafkaBroker

from shared.consumer import WAIT_MS, PatientConsumer, connect_patiently

PLACE = TopicPartition("t", 0)


async def test_a_poll_ends_with_messages_alone(monkeypatch: Any) -> None:
    polls: list[dict[str, Any]] = []
    answers = iter([{}, {}, {PLACE: ["message"]}])

    async def getmany(self: AIOKafkaConsumer, *places: Any, **options: Any) -> Any:
        polls.append(options)
        return next(answers)

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", getmany)
    consumer = PatientConsumer(bootstrap_servers="127.0.0.1:1")
    assert await consumer.getmany(timeout_ms=10, max_records=5) == {PLACE: ["message"]}
    assert polls == [{"timeout_ms": WAIT_MS, "max_records": 5}] * 3


async def test_subscribers_read_with_it_and_keep_their_options() -> None:
    broker = KafkaBroker("127.0.0.1:1", client_id="mine", consumer_only=True)
    await connect_patiently(broker)
    made = broker.config.broker_config.builder(group_id="g", fetch_max_bytes=77)
    assert isinstance(made, PatientConsumer)
    assert made._client._client_id == "mine" and made._fetch_max_bytes == 77
