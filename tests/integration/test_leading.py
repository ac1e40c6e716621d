"""Of the processes of feedback one looks at all outcomes, and another when that is gone."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from deploy.system.processes import WorkerProcess
from tests.bench.readings import Reading
from tests.integration.stage import Stage

pytestmark = pytest.mark.slow

LOOKS = 'careloop_database_seconds_count{command="aggregate"}'


@pytest.fixture
def processes(stage: Stage, tmp_path: Path) -> Iterator[list[WorkerProcess]]:
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": stage.runtime.endpoints.kafka,
        "MONGO_URL": stage.runtime.endpoints.mongo,
        "POLICY_INTERVAL_SECONDS": "0.1",
        "POLICY_ALPHA": "0.07",
        "SESSION_TIMEOUT_MS": "6000",
        "HEARTBEAT_INTERVAL_MS": "500",
    }
    started = [
        WorkerProcess("feedback", environment, tmp_path / f"feedback-{number}.log")
        for number in range(2)
    ]
    for process in started:
        process.start()
    yield started
    for process in started:
        process.stop()


async def test_one_leads_and_the_other_follows_it(processes: list[WorkerProcess]) -> None:
    for process in processes:
        await asyncio.to_thread(process.wait_until_ready)
    leader = (await leaders(processes, lambda found: len(found) == 1))[0]
    (other,) = [process for process in processes if process is not leader]
    before, idle_before = Reading.of(leader.url), Reading.of(other.url)
    await asyncio.sleep(3)
    assert Reading.of(leader.url).since(before).samples[LOOKS] > 0
    idle = Reading.of(other.url).since(idle_before).samples
    assert idle.get(LOOKS, 0.0) == 0
    leader.kill()
    assert await leaders([other], lambda found: found == [other]) == [other]


async def leaders(
    processes: Sequence[WorkerProcess],
    expected: Callable[[Sequence[WorkerProcess]], bool],
    seconds: float = 60.0,
) -> list[WorkerProcess]:
    """Those that show the figures, once they are as expected for a second."""
    seen = 0
    for _ in range(int(seconds * 4)):
        found = [
            process
            for process in processes
            if Reading.of(process.url).samples["careloop_policy_alpha"] == 0.07
        ]
        seen = seen + 1 if expected(found) else 0
        if seen >= 4:
            return found
        await asyncio.sleep(0.25)
    raise AssertionError(f"{len(found)} of {len(processes)} lead after {seconds} s")
