"""The dead letters as they stand in Kafka, and what is remembered of each."""

import time
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from deploy.dlq import memory
from deploy.dlq.letters import DEAD_LETTERS, DeadLetter, letter_of
from deploy.dlq.memory import Replayed
from deploy.outbox import REACH_MS, KafkaUnavailable, access, unavailable

GROUP = "dlq-replay"
"""The consumer group whose offsets remember what was replayed. It has no members."""

DROPPED = "dlq-drop"
"""The same for what was dropped: letters that are not to be replayed."""

POLL_MS = 500
SILENCE_SECONDS = 30.0
COMMIT_MS = 30_000
FETCH_BYTES = 32 * 1024 * 1024


class Shelf:
    """Reads letters, and remembers of each whether it was handled: replayed, or with group DROPPED
    dropped. A context manager."""

    def __init__(self, bootstrap_servers: str, group: str = GROUP) -> None:
        """Connect. Raises KafkaUnavailable."""
        try:
            self._consumer = KafkaConsumer(
                **access(bootstrap_servers),
                client_id="careloop-dlq",
                group_id=group,
                enable_auto_commit=False,
                fetch_max_bytes=FETCH_BYTES,
                bootstrap_timeout_ms=REACH_MS,
            )
            self._topics: set[str] = self._consumer.topics()
        except KafkaError as error:
            raise unavailable(bootstrap_servers, error) from error

    def __enter__(self) -> "Shelf":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._consumer.close(autocommit=False)

    def partitions(self, topic: str) -> list[int]:
        """The partitions of a topic of dead letters. Raises KafkaUnavailable when it is missing."""
        if topic not in self._topics:
            raise KafkaUnavailable(f"Kafka has no topic {topic}: `make topics` makes the topics")
        return sorted(self._consumer.partitions_for_topic(topic))

    def letters(
        self, topic: str, partition: int, since: datetime | None = None
    ) -> Iterator[DeadLetter]:
        """The letters that stand there now, oldest first; what comes meanwhile is left out."""
        place = TopicPartition(topic, partition)
        end = self._consumer.end_offsets([place])[place]
        start = self._consumer.beginning_offsets([place])[place]
        if since is not None:
            found = self._consumer.offsets_for_times({place: int(since.timestamp() * 1000)})
            start = end if found[place] is None else found[place].offset
        yield from map(letter_of, self._records(place, start, end))

    def one(self, topic: str, partition: int, offset: int) -> DeadLetter | None:
        """The letter at that position, or None."""
        if topic not in DEAD_LETTERS or partition not in self.partitions(topic):
            return None
        place = TopicPartition(topic, partition)
        end = self._consumer.end_offsets([place])[place]
        if not self._consumer.beginning_offsets([place])[place] <= offset < end:
            return None
        return next(map(letter_of, self._records(place, offset, offset + 1)), None)

    def handled(self, topic: str, partition: int) -> Replayed:
        """Which letters of the partition were replayed; with group DROPPED, dropped."""
        place = TopicPartition(topic, partition)
        known = self._consumer.committed(place, metadata=True)
        beginning = self._consumer.beginning_offsets([place])[place]
        end = self._consumer.end_offsets([place])[place]
        if known is None or known.offset > end:
            return Replayed(beginning)
        return memory.read(known.offset, known.metadata or "").since(beginning)

    def remember(self, topic: str, partition: int, handled: Replayed) -> None:
        """Keep what was handled, for whoever comes next."""
        kept = OffsetAndMetadata(handled.first, handled.metadata(), -1)
        self._consumer.commit({TopicPartition(topic, partition): kept}, timeout_ms=COMMIT_MS)

    def _records(self, place: TopicPartition, start: int, end: int) -> Iterator[Any]:
        """Records from `start` up to, not including, `end`."""
        self._consumer.assign([place])
        self._consumer.seek(place, start)
        heard = time.monotonic()
        while self._consumer.position(place) < end:
            records = self._consumer.poll(timeout_ms=POLL_MS).get(place, ())
            for record in records:
                if record.offset >= end:
                    return
                yield record
            if records:
                heard = time.monotonic()
            elif time.monotonic() - heard > SILENCE_SECONDS:
                raise KafkaUnavailable(f"Kafka stopped answering while {place.topic} was read")
