"""The delivery loop, once for all workers: at least once delivered, effects once.

    read a batch -> decode -> waves by key -> handler stores -> publish -> all safe -> commit

An event is settled when what it causes is stored and published, or when its dead letter is. Only
offsets before the first unsettled event of a partition are committed, so whatever happens to the
process, what was not settled is read again.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from shared import deadletters, log, metrics, trace
from shared.batch import Item, waves
from shared.envelope import Event, decode, peek_type
from shared.errors import FatalError, InvalidEvent, TemporaryError
from shared.events import Payload
from shared.losses import count_lost
from shared.outcome import Outcome
from shared.pauses import Pauses, backoff
from shared.progress import Progress
from shared.publisher import Publisher
from shared.settings import WorkerSettings
from shared.subscription import Subscription
from shared.topics import TOPICS
from shared.tracing import Tracing

logger = log.get(__name__)


class Delivery:
    """The loop of one subscription. `now` gives the time, with its zone."""

    def __init__(
        self,
        subscription: Subscription,
        publisher: Publisher,
        settings: WorkerSettings,
        now: Callable[[], datetime],
        tracing: Tracing | None = None,
    ) -> None:
        self._subscription = subscription
        self._topic = subscription.topic
        self._types = subscription.types
        self._publisher = publisher
        self._settings = settings
        self._now = now
        self._tracing = tracing
        self._busy = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._limit = deadletters.DeadLetterLimit(settings.dead_letters_per_minute, time.monotonic)
        self.progress = Progress()
        self.pauses = Pauses(settings.retry_base_seconds * 4, settings.pause_max_seconds)

    async def deliver(self, records: Sequence[ConsumerRecord], consumer: AIOKafkaConsumer) -> None:
        """Settle a batch and commit it. Raises FatalError when the worker must stop."""
        topic = self._topic.name
        metrics.RECEIVED.labels(topic).inc(len(records))
        metrics.BATCH_SIZE.labels(topic).observe(len(records))
        async with self._busy:
            with metrics.BATCH_SECONDS.labels(topic).time():
                await self._begin(records, consumer)
                now = self._now()
                items = [self._read(record, now) for record in records]
                for item in items:
                    if item.error:
                        await self._bury(item, item.error)
                for wave in waves(items):
                    blocked = {item.partition for item in items if item.error and not item.settled}
                    await self._settle([item for item in wave if item.partition not in blocked])
                await self._confirm(items)
                if self._tracing is not None:
                    self._tracing.record(items)
                await self._acknowledge(items, consumer)
                self.progress.moved()

    async def idle(self) -> None:
        """Wait until no batch is under way."""
        async with self._busy:
            return

    def stop(self) -> None:
        """Make no further attempts: what is not settled now is read again after the restart."""
        self._stopping.set()
        self.pauses.forget()

    async def _begin(self, records: Sequence[ConsumerRecord], consumer: AIOKafkaConsumer) -> None:
        firsts: dict[int, ConsumerRecord] = {}
        for record in records:
            firsts.setdefault(record.partition, record)
        await count_lost(firsts, self.progress, consumer)
        self.progress.began(firsts)

    def _read(self, record: ConsumerRecord, now: datetime) -> Item:
        item = Item(record)
        try:
            item.event = self._decode(record, now)
        except InvalidEvent as error:
            # On a topic we only listen to, its owner writes the dead letter.
            item.error = error if self._subscription.owns else None
        except Exception as error:
            logger.exception("cannot read an event", **self._about(item))
            item.error = error
        if item.event is None and item.error is None:
            item.settled, item.result = True, "ignored"
        return item

    def _decode(self, record: ConsumerRecord, now: datetime) -> Event[Payload] | None:
        """The event, or None if it is for others. Raises InvalidEvent."""
        subscription = self._subscription
        told = peek_type(record.headers)
        if told not in self._types and subscription.passes_over(told):
            return None
        limit = subscription.max_bytes
        if limit is not None and len(record.value or b"") > limit:
            raise InvalidEvent("value.too_large", f"the message is over {limit} bytes")
        event = decode(record, now=now, bare=subscription.bare)
        if event.type in self._types:
            return event
        if subscription.passes_over(event.type):
            return None
        raise InvalidEvent("type.unexpected", f"not a type of topic {self._topic.name}", "type")

    async def _settle(self, wave: Sequence[Item]) -> None:
        """Have the handler work on the wave until each item is written out, dead or given up."""
        todo = list(wave)
        for attempt in range(1, self._settings.retry_attempts + 1):
            if not todo or (attempt > 1 and self._stopping.is_set()):
                return
            for item, outcome in zip(todo, await self._handle(todo), strict=True):
                item.attempts, item.error = attempt, outcome.error
                if outcome.error is None:
                    await self._write(item, outcome)
                if isinstance(item.error, InvalidEvent):
                    await self._bury(item, item.error)
            todo = [item for item in todo if item.error and not item.settled]
            if todo and attempt < self._settings.retry_attempts:
                await self._wait_before_retry(todo, attempt)
        for item in todo:
            if item.error and not isinstance(item.error, TemporaryError):
                await self._bury(item, item.error)

    async def _handle(self, todo: Sequence[Item]) -> Sequence[Outcome]:
        try:
            with metrics.HANDLER_SECONDS.labels(self._topic.name).time():
                events = [item.event for item in todo if item.event]
                with log.working_on(events):
                    outcomes = await self._subscription.handler(events)
            if len(outcomes) != len(todo):
                raise FatalError(f"{len(todo)} events gave {len(outcomes)} outcomes")
            return outcomes
        except FatalError:
            raise
        except (TemporaryError, InvalidEvent) as error:
            return [Outcome(error=error)] * len(todo)
        except Exception as error:
            if len(todo) == 1:
                logger.exception("the handler failed", **self._about(todo[0]))
                return [Outcome(error=error)]
        # One of them breaks the handler: alone, it costs the others nothing.
        return [(await self._handle([item]))[0] for item in todo]

    async def _write(self, item: Item, outcome: Outcome) -> None:
        """Hand the outcome to the producer, in order; whether it arrived shows in `_confirm`."""
        try:
            for outgoing in outcome.publish:
                item.writes.append(await self._publisher.send(outgoing.topic, outgoing.event))
            item.settled = True
        except (TemporaryError, ValueError) as error:
            item.error = error

    async def _bury(self, item: Item, error: Exception) -> None:
        """Write the dead letter of the item."""
        source = self._topic
        reason = deadletters.reason_of(error)
        expected = source.untrusted and isinstance(error, InvalidEvent)
        if not expected:
            self._limit.count(source.name, reason.code)
        headers = deadletters.headers_of(
            item.record,
            error,
            worker=self._subscription.worker,
            attempts=item.attempts,
            now=self._now(),
        )
        card = TOPICS[f"{self._subscription.worker}.dlq"]
        item.error, item.result = error, "dead_letter"
        try:
            letter = deadletters.cut_to_fit(item.record, headers, card.max_message_bytes)
            future = await self._publisher.send_raw(card, *letter)
        except TemporaryError as away:
            item.error = away
            return
        item.writes.append(future)
        item.settled = True
        metrics.DEAD_LETTERS.labels(source.name, reason.code).inc()
        logger.warning(
            "dead letter", code=reason.code, field=reason.field, why=reason.why, **self._about(item)
        )

    async def _wait_before_retry(self, todo: Sequence[Item], attempt: int) -> None:
        for item in todo:
            metrics.RETRIED.labels(self._topic.name, type(item.error).__name__).inc()
        seconds = backoff(attempt, self._settings.retry_base_seconds, 5.0)
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _confirm(self, items: Sequence[Item]) -> None:
        """Wait until every write is safe; an item whose write failed is not settled."""
        for item in items:
            for write in item.writes:
                try:
                    await write
                except Exception as error:
                    item.settled = False
                    item.error = TemporaryError(f"cannot write: {type(error).__name__}")

    async def _acknowledge(self, items: Sequence[Item], consumer: AIOKafkaConsumer) -> None:
        """Commit up to the first unsettled item of each partition, and pause there."""
        topic = self._topic.name
        offsets: dict[int, int] = {}
        blocked: dict[int, Item] = {}
        results: Counter[str] = Counter()
        for item in items:
            partition = item.partition
            if partition in blocked:
                continue
            if item.settled:
                offsets[partition] = item.record.offset + 1
                results[item.result] += 1
            else:
                blocked[partition] = item
        for result, count in results.items():
            metrics.PROCESSED.labels(topic, result).inc(count)
        try:
            if offsets:
                await consumer.commit({TopicPartition(topic, n): at for n, at in offsets.items()})
        except (CommitFailedError, IllegalStateError):
            metrics.UNCOMMITTED.labels(self._topic.name).inc()
            logger.info("commit refused after a rebalance: the batch is delivered again")
        except KafkaError as error:
            logger.warning("cannot commit: the batch may be delivered again", error=repr(error))
        for number, offset in offsets.items():
            self.progress.settled(number, offset)
        for number in offsets.keys() - blocked.keys():
            self.pauses.progressed(TopicPartition(topic, number))
        for number, item in blocked.items():
            self.progress.blocked(number, item.record)
            why = str(item.error) if item.error else "an earlier event waits"
            with log.working_on([item.event] if item.event else []):
                self.pauses.pause(consumer, TopicPartition(topic, number), item.record.offset, why)

    def _about(self, item: Item) -> dict[str, Any]:
        record = item.record
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        unread = {"trace_id": trace.trace_id(trace.of_unread(record))}
        return where | (log.about(item.event) if item.event else unread)
