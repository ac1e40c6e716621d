"""Emptying Kafka between two faults."""

import time
from collections.abc import Mapping

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from shared.topics import TOPICS
from tests.e2e.wire import READERS

GONE_SECONDS = 60.0


def forget(kafka_url: str) -> None:
    """Every topic is empty, and every group has read all of it."""
    places = [TopicPartition(c.name, n) for c in TOPICS.values() for n in range(c.partitions)]
    consumer = KafkaConsumer(bootstrap_servers=kafka_url)
    ends = consumer.end_offsets(places)
    consumer.close()
    admin = KafkaAdminClient(bootstrap_servers=kafka_url)
    admin.delete_records(ends)
    admin.close()
    for group, topic in READERS:
        member = KafkaConsumer(
            bootstrap_servers=kafka_url, group_id=group, enable_auto_commit=False
        )
        read = {p: OffsetAndMetadata(at, "", -1) for p, at in ends.items() if p.topic == topic}
        member.assign(list(read))
        _commit(member, read)
        member.close(autocommit=False)


def _commit(member: KafkaConsumer, read: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
    """Commit once the group has no members: those that were killed are missed after a while."""
    deadline = time.monotonic() + GONE_SECONDS
    while True:
        try:
            member.commit(read)
            return
        except KafkaError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
