"""Topics as code on a real broker: what drifted is shown, mended, and nothing else is touched.

The command runs as people run it, in a process of its own.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from deploy import topics as topic_admin
from deploy.runtime.embedded_kafka import EmbeddedKafka
from deploy.runtime.ports import free_ports
from deploy.topology.broker import standing
from shared.topics import CLASSIFY, TOPICS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of its own: these tests change what all others rely on."""
    broker = EmbeddedKafka(tmp_path_factory.mktemp("topics"), say=print)
    broker.start()
    yield broker.url
    broker.stop()


@pytest.fixture
def client(kafka: str) -> Iterator[KafkaAdminClient]:
    client = KafkaAdminClient(bootstrap_servers=kafka)
    yield client
    client.close()


def command(kafka: str, *words: str) -> tuple[int, str]:
    """Exit code of `python -m deploy.topics <words>`, and what it said."""
    line = [sys.executable, "-m", "deploy.topics", *words, "--kafka", kafka]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr


def set_by_hand(client: KafkaAdminClient, topic: str, **settings: str) -> None:
    configs = {name.replace("_", "."): value for name, value in settings.items()}
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=configs)])


def messages(kafka: str, topic: str) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    found: list[bytes] = []
    while any(consumer.position(place) < ends[place] for place in places):
        for batch in consumer.poll(500).values():
            found += [record.value for record in batch]
    consumer.close()
    return found


def test_from_nothing_to_as_the_cards_say_and_back_after_drift(
    kafka: str, client: KafkaAdminClient
) -> None:
    code, text = command(kafka, "plan")
    assert code == 2, text
    assert [line[:1] for line in text.splitlines()[:-1]] == ["+"] * len(TOPICS)
    assert not set(TOPICS) & set(client.list_topics()), "plan changes nothing"

    assert command(kafka, "apply", "--replication", "1")[0] == 0
    assert set(TOPICS) <= set(client.list_topics())
    for words in (("plan",), ("plan", "--replication", "1"), ("apply",)):
        assert command(kafka, *words) == (0, "nothing to do: the topics are as their cards say\n")

    client.create_topics({"orders": {"num_partitions": 2, "replication_factor": 1}})
    set_by_hand(client, "orders", retention_ms="1234567")
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all")
    for topic in ("classify", "orders"):
        for number in range(20):
            producer.send(topic, b"%d" % number, key=b"%d" % number)
    producer.flush()
    producer.close()
    set_by_hand(client, "classify", retention_ms="3600000", max_message_bytes="1000")

    code, text = command(kafka, "plan")
    assert code == 2
    assert "~ classify: retention.ms 1 h -> 7 d\n" in text
    assert "~ classify: max.message.bytes 1000 bytes -> 2 MiB\n" in text
    assert "not ours, left alone: orders\n" in text
    assert "2 differences, 2 of which apply mends" in text

    code, text = command(kafka, "apply")
    assert code == 0 and text.endswith("done\n")
    code, text = command(kafka, "plan")
    assert code == 0 and "nothing to do" in text
    expected = sorted(b"%d" % number for number in range(20))
    assert sorted(messages(kafka, "classify")) == expected
    assert sorted(messages(kafka, "orders")) == expected
    resource = ConfigResource(ConfigResourceType.TOPIC, "orders")
    settings = client.describe_configs([resource])["topic"]["orders"]
    assert settings["retention.ms"]["value"] == "1234567"
    (orders,) = client.describe_topics(["orders"])
    assert len(orders["partitions"]) == 2


def test_what_cannot_be_undone_is_left_until_it_is_asked_for(
    kafka: str, client: KafkaAdminClient
) -> None:
    topic_admin.apply(kafka)
    set_by_hand(client, "feedback", retention_ms="-1")
    code, text = command(kafka, "apply")
    assert code == 0 and text.endswith("done, except for the lines with !\n")
    assert "! feedback: retention.ms for ever -> 30 d" in text
    assert command(kafka, "plan")[0] == 2, "it is still there to be seen"
    code, text = command(kafka, "apply", "--shorten-retention")
    assert code == 0 and text.endswith("done\n")
    assert command(kafka, "plan")[0] == 0


def test_partitions_are_added_when_asked_for_and_never_taken_away(
    kafka: str, client: KafkaAdminClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic_admin.apply(kafka)

    def partitions(topic: str) -> int:
        (found,) = client.describe_topics([topic])
        return len(found["partitions"])

    # A card that grew. The dead letters of a worker are nobody's queue: one partition.
    name = "classify.dlq"
    grown = {**TOPICS, name: replace(TOPICS[name], partitions=3)}
    monkeypatch.setattr(topic_admin, "TOPICS", grown)
    assert topic_admin.main(["apply", "--kafka", kafka]) == 0
    assert partitions(name) == 1
    assert topic_admin.main(["apply", "--kafka", kafka, "--add-partitions"]) == 0
    assert partitions(name) == 3
    assert topic_admin.main(["plan", "--kafka", kafka]) == 0
    monkeypatch.undo()

    code, text = command(kafka, "apply", "--add-partitions", "--shorten-retention")
    assert code == 0 and f"! {name}: 3 partitions in place of 1" in text
    assert partitions(name) == 3


def test_more_copies_than_brokers_is_refused_in_words(kafka: str, client: KafkaAdminClient) -> None:
    topic_admin.apply(kafka)
    client.delete_topics(["responses"])
    code, text = command(kafka, "apply", "--replication", "3")
    assert code == 1
    assert "topic responses was not created" in text and "--replication" in text
    assert "Traceback" not in text
    assert topic_admin.apply(kafka) == ["responses"]
    assert topic_admin.apply(kafka) == []


def test_a_broker_that_is_not_there_is_an_error_that_says_what_to_look_at() -> None:
    code, text = command(f"127.0.0.1:{free_ports(1)[0]}", "plan")
    assert code == 1
    assert "no Kafka answers at 127.0.0.1" in text and "Traceback" not in text


def test_the_topic_of_classify_is_as_its_card_says(kafka: str, client: KafkaAdminClient) -> None:
    topic_admin.apply(kafka)
    found = {topic.name: topic for topic in standing(client)}["classify"]
    assert (found.partitions, found.replication) == (CLASSIFY.partitions, 1)
    assert found.settings["cleanup.policy"] == "delete"
