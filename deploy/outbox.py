"""Writing to Kafka from the command line: in order, each message once, memory bounded."""

import logging
import os
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError

from shared import kafka
from shared.errors import FatalError
from shared.topics import INGEST, TOPICS

DEFAULT_KAFKA = "127.0.0.1:9092"
REACH_MS = 10_000
METADATA_MS = 5_000
DELIVERY_MS = 30_000
GIVE_UP_SECONDS = 45.0
LAST_CALL_SECONDS = 5.0
MOST_UNDER_WAY = 32 * 1024 * 1024
"""Bytes handed over and not yet acknowledged."""


class KafkaUnavailable(Exception):
    """Kafka cannot be used; the message says where and what to do."""


def access(bootstrap_servers: str) -> dict[str, Any]:
    """A client's options to connect there, with TLS and user from the environment.

    Raises KafkaUnavailable, which names the setting to mend.
    """
    try:
        return kafka.options_at(bootstrap_servers)
    except FatalError as error:
        raise KafkaUnavailable(str(error)) from error


def unavailable(bootstrap_servers: str, error: KafkaError, hint: str = "") -> KafkaUnavailable:
    """What to raise when a client could not connect there; `hint` is for a broker that is away."""
    why = kafka.refused_at(bootstrap_servers)
    return KafkaUnavailable(why or f"no Kafka answers at {bootstrap_servers}: {error}{hint}")


def given_kafka() -> str:
    """Where Kafka is when the command line does not say."""
    return os.environ.get("KAFKA_BOOTSTRAP_SERVERS", DEFAULT_KAFKA)


def quiet_client() -> None:
    """Leave it to the command to say what went wrong, once and in its own words."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)


class Outbox:
    """An idempotent producer for one topic. A context manager: leaving it writes what is pending.

    Each message has a name of the caller's. `failures` has those that were not written, with the
    reason; `acknowledged` counts those that all replicas have.
    """

    def __init__(self, bootstrap_servers: str, topic: str, client_id: str) -> None:
        """Connect. Raises KafkaUnavailable when no broker answers or the topic is missing."""
        card = TOPICS.get(topic, INGEST)
        self.topic = topic
        self.failures: dict[str, Exception] = {}
        self.acknowledged = 0
        self._pending: dict[str, int] = {}
        self._under_way = 0
        self._room = threading.Condition()
        try:
            self._producer = KafkaProducer(
                **access(bootstrap_servers),
                client_id=client_id,
                acks="all",
                enable_idempotence=True,
                linger_ms=5,
                max_request_size=card.max_message_bytes,
                bootstrap_timeout_ms=REACH_MS,
                max_block_ms=METADATA_MS,
                request_timeout_ms=REACH_MS,
                delivery_timeout_ms=DELIVERY_MS,
            )
        except KafkaError as error:
            raise unavailable(bootstrap_servers, error) from error
        try:
            self.partitions = frozenset[int](self._producer.partitions_for(topic))
        except KafkaError as error:
            self._producer.close(timeout=0)
            why = "not there (`make topics` makes the topics)"
            if not isinstance(error, KafkaTimeoutError):
                why = str(error)
            raise KafkaUnavailable(f"topic {topic} at {bootstrap_servers}: {why}") from error

    def __enter__(self) -> "Outbox":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.flush()
        try:
            self._producer.close(timeout=0)
        except KafkaTimeoutError:
            # It still holds what `flush` gave up; its thread ends with the process.
            return

    @property
    def broken(self) -> bool:
        """Whether a message failed for another reason than its own size."""
        return any(
            not isinstance(error, (MessageSizeTooLargeError, ValueError))
            for error in list(self.failures.values())
        )

    def send(
        self,
        name: str,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> None:
        """Hand a message over; waits while too much is under way. Never raises for the message."""
        size = len(value or b"")
        with self._room:
            free = self._room.wait_for(lambda: self._fits(size) or self.broken, GIVE_UP_SECONDS)
            self._under_way += size
            self._pending[name] = size
        if not free:
            self._give_up()
            return
        try:
            sent = self._producer.send(
                self.topic, value, key=key, headers=list(headers), partition=partition
            )
        except (KafkaError, ValueError) as error:
            self._done(name, error)
            return
        sent.add_callback(lambda _: self._done(name, None))
        sent.add_errback(lambda error: self._done(name, error))

    def flush(self) -> None:
        """Wait until everything handed over is written or has failed."""
        seconds = LAST_CALL_SECONDS if self.broken else GIVE_UP_SECONDS
        with self._room:
            settled = self._room.wait_for(lambda: not self._pending, seconds)
        if not settled:
            # The client does not always say so when a broker is gone for good.
            self._give_up()

    def _fits(self, size: int) -> bool:
        return not self._under_way or self._under_way + size <= MOST_UNDER_WAY

    def _give_up(self) -> None:
        for name in list(self._pending):
            self._done(name, KafkaTimeoutError("Kafka has not acknowledged it in time"))

    def _done(self, name: str, error: Exception | None) -> None:
        with self._room:
            if name not in self._pending:
                return
            self._under_way -= self._pending.pop(name)
            if error is None:
                self.acknowledged += 1
            else:
                self.failures[name] = error
            self._room.notify_all()
