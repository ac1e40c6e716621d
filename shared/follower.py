"""Control events go to every process of a worker, not to one of its group.

They have a partition of the feedback topic to themselves, so that is all a process has to read.

The worker keeps its current state in its database together with the offsets of the feedback topic
that it reflects. A process starts from that state and reads on from there, alone, in no group: no
update is missed between the two, and a new process needs no history.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from shared import kafka, log
from shared.envelope import Event, decode, peek_type
from shared.errors import InvalidEvent, TemporaryError
from shared.events import Payload
from shared.partitioning import CONTROL_PARTITION
from shared.pauses import backoff
from shared.settings import WorkerSettings
from shared.topics import FEEDBACK

logger = log.get(__name__)

SAVE_SECONDS = 60.0
"""How often to remember the way made even when nothing concerned us, so that a restart is short."""


class OffsetStore(Protocol):
    """Where a worker remembers up to where its stored state reflects the feedback topic."""

    async def load(self) -> Mapping[int, int]:
        """Next offset to read, by partition; partitions not there are read from the beginning."""

    async def save(self, offsets: Mapping[int, int]) -> None:
        """Move forward; an offset already further on stays."""


class Follower:
    """Tells this process every control event of the given types, in order.

    `apply` stores and takes over the new state; the same event twice must change nothing.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        types: tuple[type[Payload], ...],
        apply: Callable[[Event[Any]], Awaitable[None]],
        offsets: OffsetStore,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._types = frozenset(payload.TYPE for payload in types)
        self._apply = apply
        self._offsets = offsets
        self._now = now
        self.caught_up = asyncio.Event()

    def behind(self) -> str | None:
        """Why control events may be missing still, or None."""
        return None if self.caught_up.is_set() else "not caught up with the feedback topic"

    async def run(self) -> None:
        """Follow until cancelled, through whatever goes away and comes back."""
        attempt = 0
        while True:
            consumer = AIOKafkaConsumer(
                **kafka.options(self._settings),
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                fetch_max_bytes=self._settings.fetch_max_bytes,
            )
            try:
                await consumer.start()
                await self._follow(consumer)
            except (KafkaError, TemporaryError) as error:
                attempt += 1
                seconds = backoff(attempt, 0.5, 10.0)
                logger.warning("waiting to follow control events", why=str(error))
                await asyncio.sleep(seconds)
            finally:
                await consumer.stop()

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        stored = await self._offsets.load()
        partition = TopicPartition(FEEDBACK.name, CONTROL_PARTITION)
        consumer.assign([partition])
        if CONTROL_PARTITION in stored:
            consumer.seek(partition, stored[CONTROL_PARTITION])
        end = (await consumer.end_offsets([partition]))[partition]
        read: dict[int, int] = {}
        saved_at = time.monotonic()
        while True:
            batches = await consumer.getmany(timeout_ms=500)
            applied = False
            for record in (record for batch in batches.values() for record in batch):
                applied |= await self._take(record)
                read[record.partition] = record.offset + 1
            if applied or (read and time.monotonic() - saved_at > SAVE_SECONDS):
                await self._offsets.save(read)
                read, saved_at = {}, time.monotonic()
            if not self.caught_up.is_set() and await consumer.position(partition) >= end:
                self.caught_up.set()

    async def _take(self, record: ConsumerRecord) -> bool:
        """Apply the record if it is a control event of ours; says whether it was."""
        if peek_type(record.headers) not in self._types:
            return False
        try:
            event = decode(record, now=self._now())
        except InvalidEvent as error:
            logger.warning("control event not understood", code=error.code, why=error.why)
            return False
        await self._apply(event)
        logger.info("control event applied", **log.about(event), type=event.type)
        return True
