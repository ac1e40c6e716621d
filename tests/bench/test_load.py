"""Load in its short form: what must come of it on any machine, however slow."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import topics as topic_admin
from deploy.runtime import Runtime
from deploy.system import System, WorkerProcess
from tests.bench import backlog, burst, soak
from tests.bench.stream import Stream
from tests.e2e.home import prepared

SOAKED_MINUTES = 0.5
MOST_GROWTH = 0.2
"""Of a worker's memory in half a minute: more is a leak, and not a cache that fills."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with System(tmp_path_factory.mktemp("load"), prepared(), print) as started:
        yield started


def test_ten_times_the_usual_loses_nothing_and_is_worked_off(system: System) -> None:
    """A tenth of what it can do, ten times that for ten seconds, a tenth again."""
    result = asyncio.run(burst.run(system, print, quick=True))
    assert len(result.passage.sent) == pytest.approx(
        result.base * sum(burst.QUICK_SECONDS) + result.base * 9 * burst.QUICK_SECONDS[1], abs=3
    )
    assert result.passage.lost == 0
    assert result.passage.contradictions == 0
    assert result.recovered_after < burst.PATIENCE


def test_what_is_no_ticket_ends_as_a_dead_letter_and_is_not_lost(system: System) -> None:
    """A stream counts terminal states of both kinds, or its nothing lost would mean little."""
    stream = Stream(system.runtime.endpoints.kafka, every_broken=10)
    passage = asyncio.run(stream.run([0.0] * 30, burst.PATIENCE))
    assert passage.dead_letters == 3
    assert passage.lost == 0


def test_no_worker_leaks_under_a_steady_load(system: System) -> None:
    """Every worker's memory is looked at while tickets flow, and all are answered."""
    result = asyncio.run(soak.run(system, print, SOAKED_MINUTES))
    assert result.passage.lost == 0
    assert set(result.memory) == set(system.workers)
    for name, memory in result.memory.items():
        assert memory.grown < MOST_GROWTH * memory.resident, name


def test_two_processes_of_classify_share_a_backlog(runtime: Runtime, tmp_path: Path) -> None:
    """Both get three partitions, both work, and every message is answered once."""
    home = prepared()
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": runtime.endpoints.kafka,
        "MONGO_URL": runtime.endpoints.mongo,
        "MODEL_STORE": str(home / "models"),
        "MODEL_CACHE": str(home / "cache"),
        "LOOK_SECONDS": "0.5",
    }
    topic_admin.apply(runtime.endpoints.kafka)
    workers = [
        WorkerProcess("classify", environment, tmp_path / f"{number}.log") for number in range(2)
    ]
    for worker in workers:
        worker.start()
    try:
        asyncio.run(backlog.ready(workers))
        drained = asyncio.run(backlog.drain(runtime, workers, 120))
        done = [
            worker.metric('careloop_processed_total{result="done",topic="classify"}')
            for worker in workers
        ]
    finally:
        for worker in workers:
            worker.stop()
    assert drained.messages == 120
    assert sum(done) == 120
    assert min(done) > 0
