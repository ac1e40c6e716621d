"""Worker processes are killed, and stopped, while tickets flow; the books balance afterwards.

By default one stream of 2,000 messages meets the five kills one after the other, each in the middle
of that worker's work. With CHAOS_EACH=1 every worker also has a stream of its own in which it is
killed several times, and the whole takes minutes.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from deploy.system import WORKERS, System, WorkerProcess
from tests.chaos.stream import Books, messages
from tests.e2e.wire import Wire, headers

MESSAGES = 2_000
ORDERLY = 1_000
SETTLING_SECONDS = 180.0
KILLS = 5


async def storm(
    system: System,
    wire: Wire,
    count: int,
    victims: Sequence[str],
    end: Callable[[WorkerProcess], object],
) -> None:
    """Publish in as many parts as there are victims; amid each one of them ends and starts again.

    The next part goes out while the last victim is still coming up.
    """
    stream = messages(count)
    part = -(-count // len(victims))
    places = []
    for number, victim in enumerate(victims):
        before, _ = await wire.progress(victim, victim)
        places += await wire.publish(stream[number * part : (number + 1) * part])
        await works(wire, victim, before)
        process = system.workers[victim]
        await asyncio.to_thread(end, process)
        process.start()
    await wire.settled(SETTLING_SECONDS)
    await Books(stream, places).balance(system, wire)


async def works(wire: Wire, worker: str, before: int) -> None:
    """Wait until the worker has begun with what it has to do."""
    for _ in range(600):
        settled, there = await wire.progress(worker, worker)
        if settled > before:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{worker} does nothing: {settled} of {there} settled")


async def test_kill_9_of_each_worker_while_tickets_flow(system: System, wire: Wire) -> None:
    await storm(system, wire, MESSAGES, WORKERS, WorkerProcess.kill)


@pytest.mark.skipif(not os.environ.get("CHAOS_EACH"), reason="takes minutes: CHAOS_EACH=1")
@pytest.mark.parametrize("worker", WORKERS)
async def test_kill_9_of_one_worker_again_and_again(
    system: System, wire: Wire, worker: str
) -> None:
    await storm(system, wire, MESSAGES, [worker] * KILLS, WorkerProcess.kill)


async def test_sigterm_of_each_worker_loses_nothing_and_publishes_nothing_twice(
    system: System, wire: Wire
) -> None:
    def stop(process: WorkerProcess) -> None:
        assert process.stop() == 0

    await storm(system, wire, ORDERLY, WORKERS, stop)
    for topic in ("classify", "personalize", "generate", "responses", "feedback"):
        times = Counter(headers(record)["ce_id"] for record in await wire.read(topic))
        assert set(times.values()) == {1}, topic
    letters = Counter(
        headers(letter)["dlq-source-offset"] for letter in await wire.read("ingest.dlq")
    )
    assert sum(letters.values()) == ORDERLY // 100
