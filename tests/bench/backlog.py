"""Messages for classify, put on its topic at once, and how its processes take them."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from deploy.runtime import Runtime
from deploy.system.processes import WorkerProcess
from services.classify.domain.text import text_for_model
from shared.envelope import encode
from shared.topics import CLASSIFY, PERSONALIZE
from tests.bench import tickets
from tests.bench.processes import Spent, servers_of
from tests.bench.readings import Reading
from tests.bench.trips import Trips
from tests.integration.samples import accepted

LONGEST = 120.0
PAUSE_SECONDS = 0.3
"""After a burst: its offsets are committed then."""

Message = tuple[bytes, list[tuple[str, bytes]]]


@dataclass(frozen=True, slots=True)
class Drained:
    """A backlog that was taken: `seconds` from the first message sent to the last answer read, and
    CPU seconds of classify's processes and of everybody else."""

    messages: int
    seconds: float
    own: float
    others: float

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds


async def ready(workers: Sequence[WorkerProcess]) -> None:
    """Wait until these share all partitions. Raises RuntimeError when they do not in time."""
    deadline = time.monotonic() + LONGEST
    for worker in workers:
        await asyncio.to_thread(worker.wait_until_ready)
    while time.monotonic() < deadline:
        shares = [
            worker.metric('careloop_assigned_partitions{topic="classify"}') for worker in workers
        ]
        if sum(shares) == CLASSIFY.partitions and max(shares) - min(shares) <= 1:
            return
        await asyncio.sleep(0.2)
    raise RuntimeError("classify's processes did not share the partitions")


async def drain(runtime: Runtime, workers: Sequence[WorkerProcess], count: int) -> Drained:
    """Have the workers take a backlog of so many messages."""
    made = dict(itertools.islice(_endless(), count))
    others = servers_of(runtime)
    async with Trips(runtime.endpoints.kafka, CLASSIFY.name, PERSONALIZE.name) as trips:
        own = {str(place): worker.pid for place, worker in enumerate(workers)}
        before = Spent.now(own), Spent.now(others), time.process_time()
        began = time.perf_counter()
        await _send(trips, made)
        await trips.answers(set(made))
        seconds = time.perf_counter() - began
        return Drained(
            count,
            seconds,
            sum(Spent.now(own).since(before[0]).values()),
            sum(Spent.now(others).since(before[1]).values()) + time.process_time() - before[2],
        )


async def by_size(
    runtime: Runtime, worker: WorkerProcess, sizes: Sequence[int], repeats: int, messages: int
) -> list[tuple[float, float, float]]:
    """Batches, messages and seconds, together for the bursts of each size, the sizes in turns.

    Of each size at least `repeats` bursts, of at least so many `messages` together: a size that saw
    a few of the demo's messages only would tell how long those are.
    """
    bursts = {size: max(repeats, -(-messages // size)) for size in sizes}
    endless = {size: _endless() for size in sizes}
    sums = {size: np.zeros(3) for size in sizes}
    turns = [size for turn in range(max(bursts.values())) for size in sizes if turn < bursts[size]]
    async with Trips(runtime.endpoints.kafka, CLASSIFY.name, PERSONALIZE.name) as trips:
        for size in turns:
            made = dict(itertools.islice(endless[size], size))
            before = Reading.of(worker.url)
            await _send(trips, made)
            await trips.answers(set(made))
            await asyncio.sleep(PAUSE_SECONDS)
            sums[size] += Reading.of(worker.url).since(before).batches(CLASSIFY.name)
    return [(float(b), float(m), float(s)) for b, m, s in sums.values()]


async def _send(trips: Trips, made: dict[str, Message]) -> None:
    for ticket_id, (value, headers) in made.items():
        await trips.send(ticket_id, value, headers)


def _endless() -> Iterator[tuple[str, Message]]:
    """The demo's messages as ingest lets them in, by new ticket ids."""
    for ticket_id, message in tickets.endless(f"B{time.time_ns()}"):
        read = orjson.loads(message)
        text = text_for_model(read.get("subject"), read["body"])
        _, value, headers = encode(accepted(ticket_id, 1, text))
        yield ticket_id, (value, headers)
