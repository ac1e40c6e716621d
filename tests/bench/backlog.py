"""Messages for classify, put on its topic at once, and how its processes take them."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

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
    made = _messages(count)
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
    runtime: Runtime, worker: WorkerProcess, sizes: Sequence[int], repeats: int
) -> list[tuple[float, float, float]]:
    """Batches, messages and seconds, observed of bursts of each size, the sizes in turns."""
    observed = []
    async with Trips(runtime.endpoints.kafka, CLASSIFY.name, PERSONALIZE.name) as trips:
        for _, size in itertools.product(range(repeats), sizes):
            made = _messages(size)
            before = Reading.of(worker.url)
            await _send(trips, made)
            await trips.answers(set(made))
            await asyncio.sleep(PAUSE_SECONDS)
            observed.append(Reading.of(worker.url).since(before).batches(CLASSIFY.name))
    return observed


async def _send(trips: Trips, made: dict[str, Message]) -> None:
    for ticket_id, (value, headers) in made.items():
        await trips.send(ticket_id, value, headers)


def _messages(count: int) -> dict[str, Message]:
    """The demo's messages as ingest lets them in, by new ticket ids."""
    made = {}
    for ticket_id, message in itertools.islice(tickets.endless(f"B{time.time_ns()}"), count):
        read = orjson.loads(message)
        text = text_for_model(read.get("subject"), read["body"])
        _, value, headers = encode(accepted(ticket_id, 1, text))
        made[ticket_id] = (value, headers)
    return made
