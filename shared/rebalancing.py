"""What happens to a batch under way when partitions change hands."""

import asyncio

from aiokafka.abc import ConsumerRebalanceListener

from shared import log, metrics
from shared.delivery import Delivery

logger = log.get(__name__)


class Rebalancing(ConsumerRebalanceListener):  # type: ignore[misc]
    """Lets the batch under way finish before its partitions go to another process."""

    def __init__(self, topic: str, delivery: Delivery, seconds: float) -> None:
        self._topic = topic
        self._delivery = delivery
        self._seconds = seconds

    async def on_partitions_revoked(self, revoked: object) -> None:
        try:
            await asyncio.wait_for(self._delivery.idle(), self._seconds)
        except TimeoutError:
            logger.warning("batch still running at a rebalance: it is delivered again")
        self._delivery.pauses.forget()

    async def on_partitions_assigned(self, assigned: object) -> None:
        self._delivery.progress.assigned()
        metrics.REBALANCES.labels(self._topic).inc()
