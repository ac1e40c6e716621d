"""Giving dead letters back to the topic they came from.

Value, key and headers are published as they were before, to the partition they came from, in the
order in which they died. An event keeps its id, and a bare ticket is known by what it says, so what
a worker has done already it does not do again.
Each letter is remembered as replayed once Kafka has it, and a later call passes it over.
A call that dies in between may replay its last BATCH letters twice, which changes nothing more.

No Kafka transaction does both at once: its markers would stand on the worker's topic as offsets
that nobody reads, and its lag would never be zero again.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice

from deploy.dlq.letters import DeadLetter, Filter
from deploy.dlq.memory import Replayed
from deploy.dlq.shelf import Shelf
from deploy.outbox import KafkaUnavailable, Outbox

BATCH = 500
"""Letters at most that are published before they are remembered together."""

BATCH_BYTES = 16 * 1024 * 1024


@dataclass
class Report:
    """What a replay did: letters sent by the topic they went to, and the positions of those that
    were not taken, with the reason."""

    sent: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)


def candidates(
    shelf: Shelf, topic: str, partition: int, wanted: Filter, known: Container[int]
) -> Iterator[DeadLetter]:
    """The wanted letters of the partition, oldest first, but those whose offset is `known`."""
    for letter in shelf.letters(topic, partition, wanted.since):
        if wanted.matches(letter) and letter.offset not in known:
            yield letter


@dataclass(frozen=True, slots=True)
class Either:
    """The offsets that one or the other remembers."""

    one: Replayed
    other: Replayed

    def __contains__(self, offset: object) -> bool:
        return isinstance(offset, int) and (offset in self.one or offset in self.other)


class Replayer:
    """One replay, but of nothing that `dropped` remembers. `open_outbox` connects to the topic it
    is given."""

    def __init__(self, shelf: Shelf, dropped: Shelf, open_outbox: Callable[[str], Outbox]) -> None:
        self._shelf = shelf
        self._dropped = dropped
        self._open_outbox = open_outbox
        self._outboxes: dict[str, Outbox] = {}
        self._report = Report()

    def replay(
        self, topics: Iterable[str], wanted: Filter, *, again: bool, limit: int | None
    ) -> Report:
        """Give the wanted letters back, at most `limit` of them; `again` those replayed or dropped
        before, too.

        Raises KafkaUnavailable and MemoryFull: what was sent until then is remembered.
        """
        with ExitStack() as self._open:
            for topic in topics:
                for partition in self._shelf.partitions(topic):
                    known = self._shelf.handled(topic, partition)
                    dropped = self._dropped.handled(topic, partition)
                    passed_over = () if again else Either(known, dropped)
                    found = candidates(self._shelf, topic, partition, wanted, passed_over)
                    left = None if limit is None else limit - self._report.sent.total()
                    for batch in batches(islice(found, left)):
                        known = self._batch(batch, known)
        return self._report

    def _batch(self, batch: Sequence[DeadLetter], known: Replayed) -> Replayed:
        """Publish the batch, remember what Kafka has of it, and return what is known then.

        Raises KafkaUnavailable when Kafka failed on some of it.
        """
        # Refuse before publishing what could not be remembered.
        known.also(letter.offset for letter in batch).metadata()
        sent = self._publish(batch)
        known = known.also(letter.offset for letter in sent)
        self._shelf.remember(batch[0].topic, batch[0].partition, known)
        self._report.sent.update(letter.source_topic for letter in sent)
        if any(outbox.broken for outbox in self._outboxes.values()):
            last = sent[-1].position if sent else "none of this batch"
            raise KafkaUnavailable(f"Kafka failed while replaying; the last it has is {last}")
        return known

    def _publish(self, batch: Sequence[DeadLetter]) -> list[DeadLetter]:
        """The letters of the batch that Kafka has taken; the others are reported."""
        handed = []
        for letter in batch:
            if letter.unreplayable:
                self._report.refused[letter.position] = letter.unreplayable
                continue
            outbox = self._outbox(letter.source_topic)
            known_partition = letter.source_partition in outbox.partitions
            partition = letter.source_partition if known_partition else None
            headers = letter.original_headers
            outbox.send(letter.position, letter.key, letter.value, headers, partition)
            handed.append(letter)
        for outbox in self._outboxes.values():
            outbox.flush()
        sent = []
        for letter in handed:
            error = self._outboxes[letter.source_topic].failures.get(letter.position)
            if error is None:
                sent.append(letter)
            else:
                self._report.refused[letter.position] = str(error)
        return sent

    def _outbox(self, topic: str) -> Outbox:
        if topic not in self._outboxes:
            self._outboxes[topic] = self._open.enter_context(self._open_outbox(topic))
        return self._outboxes[topic]


def batches(letters: Iterable[DeadLetter]) -> Iterator[list[DeadLetter]]:
    """The letters in their order, bounded in number and in bytes."""
    batch: list[DeadLetter] = []
    size = 0
    for letter in letters:
        batch.append(letter)
        size += len(letter.value or b"")
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
