"""A consumer that waits until there is something to read.

FastStream polls for `batch_timeout_ms` and, after a poll that found nothing, sleeps for as long
again: what arrives while it sleeps waits. A poll that ends with messages alone leaves no such gap,
and an idle worker does nothing.
"""

from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer
from faststream.kafka import KafkaBroker

WAIT_MS = 1_000
"""One wait for messages; also how soon a resumed partition is noticed at the latest."""


class PatientConsumer(AIOKafkaConsumer):  # type: ignore[misc]
    """`getmany` returns messages, or raises when the consumer is stopped."""

    async def getmany(self, *partitions: Any, timeout_ms: int = 0, **options: Any) -> Any:
        found: dict[Any, Any] = {}
        while not found:
            found = await super().getmany(*partitions, timeout_ms=WAIT_MS, **options)
        return found


async def connect_patiently(broker: KafkaBroker) -> None:
    """Connect, and have the broker's subscribers read with such consumers.

    FastStream has no public way to say which class of consumer it makes: `builder` of the broker's
    configuration is where its own tests put theirs.
    """
    await broker.connect()
    configuration = broker.config.broker_config
    builder = configuration.builder
    if not isinstance(builder, partial):
        raise TypeError("FastStream makes its consumers in another way than it did")
    configuration.builder = partial(PatientConsumer, **builder.keywords)
