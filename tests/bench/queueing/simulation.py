"""Messages through one worker, event by event: partitions, keyed order, processes, batches.

As in a consumer group: each partition belongs to one process, so processes do not share messages,
and each is simulated on its own. A free process takes what waits in its partitions, oldest first
and at most a full batch; what comes meanwhile waits for the next one. Messages of a batch are
finished together.
"""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tests.bench.queueing.service import Service

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Station:
    """A worker: what a batch takes, how many processes share how many partitions, the most
    messages of a batch, and the seconds from a message written until a free process has it."""

    service: Service
    processes: int
    partitions: int
    batch: int = 256
    hop: float = 0.0

    def partition_of(self, keys: Ints) -> Ints:
        """A key's partition: spread by a hash as at random, always the same one."""
        # The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). A weaker one would
        # deal consecutive keys out in turns, and queues would seem shorter than they are.
        mixed = keys.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
        hashed: Ints = (mixed % np.uint64(self.partitions)).astype(np.int64)
        return hashed

    def process_of(self, partitions: Ints) -> Ints:
        """A partition's process: in ranges of as equal length as can be."""
        shared: Ints = partitions * self.processes // self.partitions
        return shared


@dataclass(frozen=True, slots=True)
class Served:
    """When each message was begun and finished, in seconds, as the arrivals were given; `batches`
    is how many there were."""

    arrived: Floats
    started: Floats
    finished: Floats
    batches: int

    @property
    def waiting(self) -> Floats:
        """Seconds from arrival until work on it began."""
        waited: Floats = self.started - self.arrived
        return waited

    @property
    def sojourn(self) -> Floats:
        """Seconds from arrival until it was finished."""
        stayed: Floats = self.finished - self.arrived
        return stayed

    @property
    def per_second(self) -> float:
        """Messages a second, from the first arrival to the last one finished."""
        return len(self.arrived) / float(self.finished.max() - self.arrived.min())


def simulate(arrivals: Floats, keys: Ints, station: Station) -> Served:
    """Messages that arrive at `arrivals` (seconds, ascending) with `keys` go through the worker."""
    owners = station.process_of(station.partition_of(keys))
    served = Served(arrivals, np.empty_like(arrivals), np.empty_like(arrivals), 0)
    batches = 0
    order = np.argsort(owners, kind="stable")
    bounds = np.searchsorted(owners[order], np.arange(station.processes + 1))
    for first, last in itertools.pairwise(bounds):
        batches += _process(keys, order[first:last], station, served)
    return replace(served, batches=batches)


def _process(keys: Ints, mine: Ints, station: Station, served: Served) -> int:
    """One process and its messages; fills in their places, and counts the batches."""
    available = served.arrived[mine] + station.hop
    one_each = len(set(keys[mine].tolist())) == len(mine)
    free_at, at, batches = 0.0, 0, 0
    while at < len(mine):
        begin = max(free_at, float(available[at]))
        until = min(int(np.searchsorted(available, begin, "right")), at + station.batch)
        batch = mine[at:until]
        waves = 1 if one_each else most_frequent(keys[batch].tolist())
        free_at = begin + station.service.of(len(batch), waves)
        served.started[batch], served.finished[batch] = begin, free_at
        at, batches = until, batches + 1
    return batches


def most_frequent(keys: Sequence[int]) -> int:
    """How often the most frequent one is there: the waves of a batch."""
    return max(Counter(keys).values())
