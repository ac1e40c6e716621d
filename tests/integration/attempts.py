"""What a user can do with Kafka, found out by doing it."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)

from shared import kafka
from shared.settings import KafkaSettings

REFUSED = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)
SECONDS = 20.0


async def can_write(access: KafkaSettings, topic: str) -> bool:
    """One message, by the idempotent producer that the workers have."""
    producer = AIOKafkaProducer(**kafka.options(access), enable_idempotence=True, acks="all")
    await producer.start()
    try:
        await asyncio.wait_for(producer.send_and_wait(topic, b"{}", partition=0), SECONDS)
    except REFUSED:
        return False
    finally:
        await producer.stop()
    return True


async def can_read(access: KafkaSettings, topic: str) -> bool:
    """The first message there, in no group; there has to be one."""
    consumer = AIOKafkaConsumer(**kafka.options(access), enable_auto_commit=False)
    await consumer.start()
    try:
        place = TopicPartition(topic, 0)
        consumer.assign([place])
        # Of a topic it may not even see, the client asks for ever and says nothing.
        await consumer._client.force_metadata_update()
        if topic in consumer._client.cluster.unauthorized_topics:
            return False
        consumer.seek(place, 0)
        await asyncio.wait_for(consumer.getone(place), SECONDS)
    except REFUSED:
        return False
    finally:
        await consumer.stop()
    return True


async def can_join(access: KafkaSettings, group: str, topic: str) -> bool:
    """Be given partitions of a topic that it may read, as a member of the group."""
    consumer = AIOKafkaConsumer(
        topic, **kafka.options(access), group_id=group, auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        await asyncio.wait_for(consumer.getone(), SECONDS)
    except REFUSED:
        return False
    finally:
        await consumer.stop()
    return True
