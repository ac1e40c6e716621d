"""How far one subscription has come: what is settled, what waits, and since when."""

import time
from collections.abc import Callable, Mapping

from aiokafka import ConsumerRecord


class Progress:
    """By partition: the next offset to settle, and when the oldest message known was written.

    `clock` gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next: dict[int, int] = {}
        self._written_at: dict[int, float] = {}
        self._moved_at = clock()
        self.joined = False
        """Whether the group has told this process its partitions, be it none."""

    def began(self, firsts: Mapping[int, ConsumerRecord]) -> None:
        """A batch was read; these are the first records of its partitions."""
        for partition, record in firsts.items():
            self._next[partition] = record.offset
            self._written_at[partition] = record.timestamp / 1_000

    def settled(self, partition: int, next_offset: int) -> None:
        """All before this offset is done."""
        self._next[partition] = next_offset
        self._written_at.pop(partition, None)

    def blocked(self, partition: int, record: ConsumerRecord) -> None:
        """This record has to be tried again, and what comes after it waits."""
        self._next[partition] = record.offset
        self._written_at[partition] = record.timestamp / 1_000

    def moved(self) -> None:
        """Work is going on: a batch was tried to its end, whatever came of it."""
        self._moved_at = self._clock()

    def assigned(self) -> None:
        """Partitions changed hands: what was known of them may be out of date."""
        self._next.clear()
        self._written_at.clear()
        self.joined = True
        self.moved()

    def next_offset(self, partition: int) -> int | None:
        """The first offset not settled, or None before anything was read."""
        return self._next.get(partition)

    def written_at(self, partition: int) -> float | None:
        """When the oldest message in work was written, in seconds since 1970; None if none is."""
        return self._written_at.get(partition)

    @property
    def idle_seconds(self) -> float:
        """Since work last went on."""
        return self._clock() - self._moved_at
