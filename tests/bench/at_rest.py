"""Where the time of one ticket at rest goes, worker by worker."""

import asyncio
import itertools
import statistics
import time
from collections import defaultdict

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.runtime import Say
from deploy.system import System
from shared.topics import TOPICS
from tests.bench import machine, tickets
from tests.bench.figures import Figure, Result
from tests.bench.readings import Reading

WAY = ("ingest", "classify", "personalize", "generate", "responses")
"""The topics that a ticket passes; each but the last is read by the worker of its name."""
TICKETS, QUICK_TICKETS, WARM_UP = 100, 10, 10
REST_SECONDS = 0.15
PATIENCE_MS = 60_000


def measure(system: System, say: Say, *, quick: bool = False) -> Result:
    """Tickets one at a time; the marks are the timestamps of their records, set when written."""
    load = machine.load()
    count = QUICK_TICKETS if quick else TICKETS
    say(f"at rest: {count} tickets, one at a time")
    kafka = system.runtime.endpoints.kafka
    asyncio.run(_written_at(kafka, WARM_UP))
    before = {name: Reading.of(system.workers[name].url) for name in WAY[:-1]}
    marks = asyncio.run(_written_at(kafka, count))
    told = {
        name: Reading.of(system.workers[name].url).since(reading)
        for name, reading in before.items()
    }
    figures = []
    for name, following in itertools.pairwise(WAY):
        hop = statistics.mean(one[following] - one[name] for one in marks)
        handler = 1000 * told[name].total("careloop_handler_seconds_sum", name) / count
        batch = 1000 * told[name].total("careloop_batch_seconds_sum", name) / count
        database = 1000 * told[name].total("careloop_database_seconds_sum") / count
        figures.append(
            Figure(
                f"{name}, from its topic to the next",
                f"{hop:.1f} ms",
                f"handler {handler:.1f} ms, of it database {database:.1f} ms in "
                f"{told[name].commands / count:.1f} commands",
                f"before the handler {hop - handler:.1f} ms, after it {batch - handler:.1f} ms",
            )
        )
    whole = statistics.mean(one[WAY[-1]] - one[WAY[0]] for one in marks)
    figures.append(Figure("from ticket to response", f"{whole:.1f} ms"))
    return Result("Where the time goes at rest", figures, _notes(count, load))


async def _written_at(kafka: str, count: int) -> list[dict[str, float]]:
    """By ticket, the milliseconds at which its record was written to each topic."""
    marks: dict[str, dict[str, float]] = defaultdict(dict)
    partitions = [TopicPartition(name, n) for name in WAY for n in range(TOPICS[name].partitions)]
    async with (
        AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True) as producer,
        AIOKafkaConsumer(bootstrap_servers=kafka) as consumer,
    ):
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        for partition in partitions:
            await consumer.position(partition)
        for ticket_id, message in itertools.islice(tickets.endless(f"hops{time.time_ns()}"), count):
            await producer.send_and_wait(WAY[0], message, key=ticket_id.encode())
            while len(marks[ticket_id]) < len(WAY):
                batches = await consumer.getmany(timeout_ms=PATIENCE_MS)
                if not batches:
                    raise RuntimeError(f"no response to a ticket in {PATIENCE_MS} ms")
                for record in (record for batch in batches.values() for record in batch):
                    if record.key is not None:
                        marks[record.key.decode()].setdefault(record.topic, record.timestamp)
            await asyncio.sleep(REST_SECONDS)
    return [one for one in marks.values() if len(one) == len(WAY)]


def _notes(count: int, load: str) -> list[str]:
    return [
        f"{count} tickets one at a time, means. Before the handler: the record is appended, "
        "fetched, noticed and decoded. After it: its writes are acknowledged and its offsets "
        "committed, while the next worker is at work already.",
        "The database's time includes what goes on beside tickets, such as looking whether it "
        "still answers.",
        load,
    ]
