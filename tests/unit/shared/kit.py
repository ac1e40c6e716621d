"""A broker in memory: what delivery needs of a consumer and a publisher, and nothing of Kafka."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from shared.delivery import Delivery
from shared.envelope import Event, encode
from shared.errors import TemporaryError
from shared.events import Payload, TicketAccepted
from shared.outcome import Outcome, Outgoing
from shared.settings import WorkerSettings
from shared.subscription import Subscription
from shared.topics import CLASSIFY, PERSONALIZE, TopicCard
from tests.integration.samples import accepted

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Seen = list[list[str]]


@dataclass
class Record:
    """A record of topic `classify`."""

    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    offset: int
    partition: int = 0
    key: bytes | None = None
    topic: str = CLASSIFY.name
    timestamp: int = int(NOW.timestamp() * 1000)


def record(
    offset: int, ticket: str = "T", text: str = "where is it?", partition: int = 0
) -> Record:
    """A good message; its turn is its offset."""
    key, value, headers = encode(accepted(ticket, offset + 1, text))
    return Record(value, headers, offset, partition, key)


def bad(offset: int, value: bytes = b"not json", partition: int = 0) -> Record:
    """A message that is none of ours."""
    return Record(value, [("ce_type", TicketAccepted.TYPE.encode())], offset, partition, b"k")


class FakeConsumer:
    """Remembers what it was told. `revoked` partitions are no longer its own."""

    def __init__(self) -> None:
        self.commits: dict[int, int] = {}
        self.positions: dict[int, int] = {}
        self.paused: set[int] = set()
        self.revoked: set[int] = set()
        self.kept_from: dict[int, int] = {}
        self.commit_error: KafkaError | None = None
        self.resumed = asyncio.Event()

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self.commit_error is not None:
            raise self.commit_error
        self.commits |= {place.partition: offset for place, offset in offsets.items()}

    async def committed(self, place: TopicPartition) -> int | None:
        return self.commits.get(place.partition)

    async def beginning_offsets(
        self, places: Sequence[TopicPartition]
    ) -> dict[TopicPartition, int]:
        return {place: self.kept_from.get(place.partition, 0) for place in places}

    def seek(self, place: TopicPartition, offset: int) -> None:
        if place.partition in self.revoked:
            raise IllegalStateError
        self.positions[place.partition] = offset

    def pause(self, place: TopicPartition) -> None:
        self.paused.add(place.partition)

    def resume(self, place: TopicPartition) -> None:
        self.paused.discard(place.partition)
        self.resumed.set()

    def assignment(self) -> set[TopicPartition]:
        return {
            TopicPartition(CLASSIFY.name, number)
            for number in range(CLASSIFY.partitions)
            if number not in self.revoked
        }


@dataclass
class FakePublisher:
    """Keeps what is written. `away` refuses at once, `lost` after it was handed over."""

    written: list[tuple[str, bytes | None, dict[str, str]]] = field(default_factory=list)
    away: bool = False
    lost: Callable[[str, bytes | None], bool] = lambda topic, key: False

    async def send(self, topic: TopicCard, event: Event[Payload]) -> "asyncio.Future[Any]":
        key, value, headers = encode(event)
        return await self.send_raw(topic, key, value, headers)

    async def send_raw(
        self,
        topic: TopicCard,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> "asyncio.Future[Any]":
        if self.away:
            raise TemporaryError("the publisher is not connected")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self.lost(topic.name, key):
            future.set_exception(KafkaError("lost"))
        else:
            told = {name: text.decode() for name, text in headers}
            self.written.append((topic.name, value, told))
            future.set_result(None)
        return future

    def ids(self, topic: str) -> list[str]:
        return [told["ce_id"] for name, _, told in self.written if name == topic]

    def letters(self) -> list[dict[str, str]]:
        """The headers of the dead letters."""
        return [told for name, _, told in self.written if name == f"{CLASSIFY.name}.dlq"]


class Handler:
    """Passes everything on, but does what the texts say; remembers the waves it was given.

    `bug` breaks the handler, `away` is a temporary error of that event, `invalid` refuses it.
    """

    def __init__(self) -> None:
        self.waves: Seen = []
        self.back = False

    async def __call__(self, events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        self.waves.append([f"{one.data.ticket.ticket_id}{one.data.ticket.turn}" for one in events])
        return [self.outcome(event) for event in events]

    def outcome(self, event: Event[Any]) -> Outcome:
        text = event.data.ticket.text
        if text.startswith("bug"):
            raise ValueError(text)
        if text.startswith("away") and not self.back:
            return Outcome(error=TemporaryError("the database is away"))
        return Outcome((Outgoing(PERSONALIZE, event),))

    def seen(self, name: str) -> int:
        """How often the event was given."""
        return sum(wave.count(name) for wave in self.waves)


@dataclass
class Stage:
    """One delivery loop, with everything around it in memory."""

    handler: Callable[[Sequence[Event[Any]]], Awaitable[Sequence[Outcome]]]
    limit: int = 100
    worker: str = "classify"
    topic: TopicCard = CLASSIFY
    max_bytes: int | None = None
    consumer: FakeConsumer = field(default_factory=FakeConsumer)
    publisher: FakePublisher = field(default_factory=FakePublisher)

    def __post_init__(self) -> None:
        settings = WorkerSettings(
            retry_attempts=3,
            retry_base_seconds=0.001,
            pause_max_seconds=0.002,
            dead_letters_per_minute=self.limit,
        )
        subscription = Subscription(
            self.worker, self.topic, (TicketAccepted,), self.handler, max_bytes=self.max_bytes
        )
        publisher: Any = self.publisher
        self.delivery = Delivery(subscription, publisher, settings, lambda: NOW)

    async def deliver(self, *records: Record) -> None:
        await self.delivery.deliver(records, self.consumer)
