"""The memory of each worker process after many tickets."""

import asyncio
import itertools
import subprocess
import time

from deploy.runtime import Say
from deploy.system import System
from shared.topics import INGEST, RESPONSES
from tests.bench import tickets
from tests.bench.figures import Figure, Result
from tests.bench.trips import Trips

TICKETS = 2_000
GOALS_MEGABYTES = {"ingest": 200, "classify": 600, "personalize": 150, "feedback": 150}
SETTLING_SECONDS = 2.0


def measure(system: System, say: Say) -> Result:
    """Publish the tickets at once, wait for the replies, look at the processes."""
    before = {name: resident(process.pid) for name, process in system.workers.items()}
    say(f"memory: {TICKETS} tickets through the five workers")
    seconds = asyncio.run(_work(system.runtime.endpoints.kafka))
    # feedback comes after the reply.
    time.sleep(SETTLING_SECONDS)
    figures = []
    for name, process in system.workers.items():
        after = resident(process.pid)
        goal = GOALS_MEGABYTES.get(name)
        figures.append(
            Figure(
                f"{name}, resident",
                f"{after:.0f} MB",
                f"before: {before[name]:.0f} MB",
                goal=f"at most {goal} MB" if goal else "",
                reached=after <= goal if goal else None,
            )
        )
    figures.append(Figure("all five workers at once", f"{TICKETS / seconds:.0f} tickets/s"))
    notes = [
        f"Resident set of each process after {TICKETS} tickets sent at once; generate has not "
        "loaded its encoder: classify's vectors come along.",
    ]
    return Result("Memory", figures, notes)


async def _work(kafka: str) -> float:
    """Seconds from the first ticket sent to the last reply."""
    made = dict(itertools.islice(tickets.endless(f"many{time.time_ns()}"), TICKETS))
    async with Trips(kafka, INGEST.name, RESPONSES.name) as trips:
        began = time.perf_counter()
        for ticket_id, message in made.items():
            await trips.send(ticket_id, message)
        await trips.answers(set(made))
        return time.perf_counter() - began


def resident(pid: int) -> float:
    """Resident memory of a process in megabytes (MiB)."""
    command = ["ps", "-o", "rss=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024
