"""Messages that Kafka let go of before they were read: the one way to lose any, so it is counted.

It happens when a worker is away for longer than a topic keeps its messages; Kafka then has the
reader go on with what is left and says nothing.
"""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from shared import log, metrics
from shared.progress import Progress

logger = log.get(__name__)


async def count_lost(
    firsts: Mapping[int, ConsumerRecord], progress: Progress, consumer: AIOKafkaConsumer
) -> None:
    """Compare where each partition of a batch begins with where reading had to go on."""
    for number, record in firsts.items():
        partition = TopicPartition(record.topic, number)
        try:
            expected = progress.next_offset(number)
            if expected is None:
                expected = await consumer.committed(partition)
            if expected is None or record.offset <= expected:
                continue
            # Offsets may also be missing for what an upstream's transactions leave in the log.
            kept_from = (await consumer.beginning_offsets([partition]))[partition]
        except KafkaError as error:
            logger.warning("cannot tell whether messages were lost", why=type(error).__name__)
            continue
        lost = min(record.offset, kept_from) - expected
        if lost > 0:
            metrics.LOST.labels(record.topic).inc(lost)
            logger.error(
                "messages expired before they were read",
                topic=record.topic,
                partition=number,
                first=expected,
                count=lost,
            )
