"""The runtime every worker shares: start, health, delivery, background work, drain."""

import asyncio
import gc
import itertools
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.asgi import AsgiFastStream
from faststream.kafka import KafkaBroker, KafkaMessage

from shared import broker_security, http, log, metrics, tracing
from shared.backlog import Backlog, Reading
from shared.clock import clock
from shared.consumer import connect_patiently
from shared.delivery import Delivery
from shared.errors import FatalError, TemporaryError
from shared.events import Payload
from shared.follower import Follower
from shared.leading import Work, nothing, while_leading
from shared.outcome import Handler
from shared.pauses import backoff
from shared.publisher import Publisher
from shared.rebalancing import Rebalancing
from shared.settings import WorkerSettings
from shared.subscription import Subscription
from shared.topics import TOPICS, TopicCard
from shared.watching import Watched

logger = log.get(__name__)
Step = Callable[[], Awaitable[None]]

_NEW_OBJECTS = 50_000
"""After how many more of them the collector looks for dead ones."""


class Worker:
    """One process of one worker. Declare what it reads and does, then `run` it."""

    def __init__(self, name: str, settings: WorkerSettings) -> None:
        self.name = name
        self.settings = settings
        self.now = clock(settings.clock_file)
        self.health = http.Health()
        self.publisher = Publisher(settings, f"careloop-{name}")
        self._tracing = tracing.of(name, settings)
        self._prepare: list[tuple[str, Step]] = []
        self._background: list[tuple[str, Step]] = []
        self._close: list[Step] = []
        self._deliveries: list[Delivery] = []
        self._backlog = Backlog(settings.look_seconds, settings.stuck_seconds)
        self._watched: list[Watched] = []
        self._followers: list[Follower] = []
        self._stopping = asyncio.Event()
        self._fatal: BaseException | None = None
        self._broker = KafkaBroker(
            settings.kafka_bootstrap_servers,
            client_id=f"careloop-{name}",
            security=broker_security.of(settings),
            consumer_only=True,
            allow_auto_create_topics=False,
            apply_types=False,
            graceful_timeout=settings.drain_seconds,
            logger=logging.getLogger(log.BROKER),
        )
        self._phase: str | None = "starting"
        self._topics: list[str] = []
        self.health.ready_when("worker", lambda: self._phase)
        metrics.READY.set_function(lambda: float(not self.health.unready()))
        self.health.ready_when("Kafka", self._backlog.kafka_away)
        self.health.alive_when("progress", self._backlog.stuck)

    # -- declaring ---------------------------------------------------------------------------

    def prepare(self, what: str, step: Step) -> None:
        """A step that must succeed before reading starts; TemporaryError is said and retried."""
        self._prepare.append((what, step))

    def rely_on(self, what: str, reach: Step) -> None:
        """Something outside that must answer before reading starts, and lately to be ready."""
        watched = Watched(reach, self.settings.look_seconds)
        self.prepare(what, reach)
        self.health.ready_when(what, watched.away)
        self._watched.append(watched)

    def background(self, what: str, step: Step) -> None:
        """Work that goes on beside delivery; if it ends in an error the worker stops."""
        self._background.append((what, step))

    def lead(
        self,
        what: str,
        work: Work,
        let_go: Callable[[], None] = nothing,
    ) -> None:
        """Background work that one process of the group does for all: the one that reads the first
        partition of the topic of the worker's name. `let_go` is called when that is over."""
        self.background(
            what,
            lambda: while_leading(lambda: self._backlog.reads_first(self.name), work, let_go),
        )

    def on_close(self, step: Step) -> None:
        """What to release when the worker has drained, last declared first."""
        self._close.append(step)

    def follow(self, follower: Follower) -> None:
        """Have this process told every control event of the follower's types."""
        self._followers.append(follower)
        self.health.ready_when("control events", follower.behind)

    def subscribe(
        self,
        topic: TopicCard,
        handler: Handler,
        handles: tuple[type[Payload], ...],
        *,
        bare: type[Payload] | None = None,
        max_bytes: int | None = None,
    ) -> None:
        """Read `topic` in this worker's group and give `handler` the payloads it `handles`."""
        if self._tracing is not None:
            handler = self._tracing.watching(handler)
        delivery = Delivery(
            Subscription(self.name, topic, handles, handler, bare, max_bytes),
            self.publisher,
            self.settings,
            self.now,
            self._tracing,
        )
        self._deliveries.append(delivery)
        self._topics.append(topic.name)
        settings = self.settings
        subscriber = self._broker.subscriber(
            topic.name,
            group_id=self.name,
            batch=True,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            max_records=settings.batch_max_records,
            batch_timeout_ms=settings.poll_ms,
            fetch_max_bytes=settings.fetch_max_bytes,
            max_partition_fetch_bytes=min(settings.fetch_max_bytes, 1024 * 1024),
            max_poll_interval_ms=settings.poll_interval_ms,
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.heartbeat_interval_ms,
            listener=Rebalancing(topic.name, delivery, settings.drain_seconds),
            parser=_raw_message,
            decoder=_raw_records,
            title=topic.name,
            description=topic.purpose,
        )

        async def on_batch(records: Sequence[ConsumerRecord]) -> None:
            consumer: AIOKafkaConsumer | None = subscriber.consumer
            if consumer is None or self._stopping.is_set():
                return
            try:
                await delivery.deliver(records, consumer)
            except Exception as error:
                self._fail(error)

        subscriber(on_batch)
        metrics.show_topic(topic.name)
        for written in TOPICS.values():
            if self.name in written.producers:
                metrics.PUBLISHED.labels(written.name)
        self._backlog.add(Reading(topic.name, delivery.progress, lambda: subscriber.consumer))

    # -- running -----------------------------------------------------------------------------

    def run(self) -> int:
        """Run until SIGTERM or SIGINT, or until it must stop. Returns the exit code."""
        log.configure(self.name, self.settings.log_level, self.settings.log_format)
        return asyncio.run(self._run())

    async def _run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        app = AsgiFastStream(
            self._broker, asgi_routes=http.routes(self.health), asyncapi_path="/asyncapi"
        )
        server = http.Server(app, self.settings.http_host, self.settings.http_port)
        serving = asyncio.create_task(server.serve())
        working = asyncio.create_task(self._work())
        stopped = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        await self._drain(working)
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        if self._fatal is not None:
            logger.error("stopped", why=str(self._fatal) or repr(self._fatal))
            return 1
        logger.info("stopped")
        return 0

    async def _work(self) -> None:
        """Bring everything up in order, then keep going what goes on beside delivery."""
        for what, step in [("Kafka", self._reach_kafka), *self._prepare]:
            await self._until_it_works(what, step)
        async with asyncio.TaskGroup() as tasks:
            for follower in self._followers:
                tasks.create_task(follower.run())
            for follower in self._followers:
                await follower.caught_up.wait()
            await self._until_it_works("Kafka", self._start_reading)
            for step in [
                self._backlog.run,
                *(watched.run for watched in self._watched),
                *(step for _, step in self._background),
            ]:
                tasks.create_task(_coroutine(step))
            self._phase = None
            logger.info("ready", topics=self._topics)
            await self._stopping.wait()

    async def _reach_kafka(self) -> None:
        await self.publisher.start()
        missing = await self.publisher.missing_topics(self.name)
        if missing:
            await self.publisher.stop()
            raise TemporaryError(f"topics missing: {', '.join(missing)}; `make topics` makes them")

    async def _start_reading(self) -> None:
        # What is loaded by now stays: without it, full collections are short (35 ms before). And
        # a batch makes some 10,000 objects that live until it is through: looking for dead ones
        # among them takes a tenth of generate's time, and finds none.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_NEW_OBJECTS)
        try:
            await connect_patiently(self._broker)
            await self._broker.start()
        except KafkaError as error:
            await self._broker.stop()
            raise TemporaryError(f"cannot read: {type(error).__name__}") from error

    async def _until_it_works(self, what: str, step: Step) -> None:
        for attempt in itertools.count(1):
            try:
                return await step()
            except TemporaryError as error:
                seconds = backoff(attempt, 0.5, 10.0)
                self._phase = f"waiting for {what}: {error}"
                logger.warning("waiting", what=what, why=str(error), seconds=round(seconds, 1))
                await asyncio.sleep(seconds)

    def _fail(self, error: BaseException) -> None:
        """Stop the worker: what is not committed is read again by whoever comes next."""
        if self._fatal is None:
            self._fatal = error
            if not isinstance(error, FatalError):
                logger.error("delivery failed", exc_info=error)
        self._stopping.set()

    async def _drain(self, working: "asyncio.Task[None]") -> None:
        """Finish the batches under way, then let go of everything."""
        self._phase = "stopping"
        for delivery in self._deliveries:
            delivery.stop()
        await self._broker.stop()
        working.cancel()
        (ended,) = await asyncio.gather(working, return_exceptions=True)
        if isinstance(ended, Exception):
            self._fail(ended)
        for step in [self.publisher.stop, *reversed(self._close)]:
            try:
                await step()
            except Exception:
                logger.exception("could not close")
        if self._tracing is not None:
            await asyncio.to_thread(self._tracing.close)


async def _coroutine(step: Step) -> None:
    await step()


async def _raw_message(records: Sequence[ConsumerRecord]) -> KafkaMessage:
    """A message around the records as they are: decoding is ours, and must not fail here."""
    return KafkaMessage(raw_message=tuple(records), body=b"", consumer=None)  # type: ignore[arg-type]


async def _raw_records(message: KafkaMessage) -> object:
    return message.raw_message
