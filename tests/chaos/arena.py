"""One system for many faults, emptied before each."""

import asyncio
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaProducer

from deploy.runtime.child import KILLED
from deploy.system import WORKERS, System
from deploy.system.processes import BackOfficeProcess, WorkerFailed, WorkerProcess
from shared.clock import set_clock
from shared.envelope import Event
from shared.events import Payload
from shared.publisher import publish_once
from shared.settings import KafkaSettings
from shared.topics import TOPICS
from tests.chaos import mongo
from tests.chaos.compare import differences
from tests.chaos.forgetting import forget
from tests.chaos.stream import Books, messages
from tests.e2e.mongo import Dump, dump
from tests.e2e.wire import Message, Place, Wire

HASTY = {
    "BATCH_MAX_RECORDS": "20",
    "SESSION_TIMEOUT_MS": "6000",
    "HEARTBEAT_INTERVAL_MS": "500",
    # What the machine's speed would decide stays as it is: thresholds, counts over all customers.
    "POLICY_INTERVAL_SECONDS": "3600",
    "POPULATION_CUSTOMERS": "0",
}
"""Small batches: more to be broken off."""
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
"""What the workers' clock says. It stands still: whether a customer wrote again before a reply or
after it shall not be up to the machine's speed. It is ahead, for the database itself deletes by the
true time what has expired."""
SHOWN = 12


class ArmedProcess(WorkerProcess):
    """A worker that kills itself at the `times`-th passage of a step; see `armed`."""

    def __init__(
        self, name: str, step: str, times: int, environment: Mapping[str, str], log: Path
    ) -> None:
        super().__init__(name, environment, log)
        self._command[-1:] = ["tests.chaos.armed", name, step, "--times", str(times)]


class Arena:
    """Kafka, a database and five workers, to be broken; `quick` says that a fault be short."""

    def __init__(
        self, system: System, say: Callable[[str], None], *, seed: int = 1, quick: bool = False
    ) -> None:
        self.system = system
        self.say = say
        self.seed = seed
        self.quick = quick
        self.wire = Wire(system.runtime.endpoints.kafka)
        self._clock = system.data / "clock"
        set_clock(self._clock, NOON)
        self._undisturbed: dict[str, Dump] = {}
        self._offices = 0

    @property
    def workers(self) -> dict[str, WorkerProcess]:
        """The running processes by name, or name and label."""
        return self.system.workers

    @property
    def environment(self) -> dict[str, str]:
        """What every worker is told."""
        return self.system.environment | HASTY | {"CLOCK_FILE": str(self._clock)}

    def set_clock(self, moment: datetime) -> None:
        """Have the clock of all workers stand there."""
        set_clock(self._clock, moment)

    def started(self, name: str, label: str = "", **environment: str) -> WorkerProcess:
        """One more process of a worker, or another in its place; not ready yet."""
        told = self.environment | environment
        process = WorkerProcess(name, told, self._log(f"{name}{label}"))
        process.start()
        self.workers[f"{name}{label}"] = process
        return process

    def armed(self, name: str, step: str, times: int) -> ArmedProcess:
        """A process of the worker that will kill itself; not ready yet."""
        process = ArmedProcess(name, step, times, self.environment, self._log(f"{name}-{step}"))
        process.start()
        self.workers[name] = process
        return process

    async def emptied(self) -> None:
        """Nobody works, and nothing is on the topics, in the databases, or in the back office."""
        await asyncio.to_thread(self._emptied)

    async def fresh(self, **environment: str) -> None:
        """`emptied`, and then the five workers are ready; `environment` for all of them."""
        await self.emptied()
        for name in WORKERS:
            self.started(name, **environment)
        await self.ready()

    async def ready(self) -> None:
        """Every process says that it works."""
        for process in self.workers.values():
            await asyncio.to_thread(process.wait_until_ready)

    async def stopped(self) -> None:
        """All workers have drained. Raises AssertionError when one ends in another way."""
        codes = await asyncio.to_thread(self._stopped)
        assert set(codes.values()) <= {0}, codes

    def stream(self, count: int, broken: int = 100) -> list[Message]:
        """Messages of this seed's, of customers with a ticket each."""
        return messages(count, each=1, broken=broken, seed=self.seed)

    async def tell(self, topic: str, told: Sequence[Event[Payload]]) -> None:
        """Publish events of careloop's own, as its processes do."""
        kafka = KafkaSettings(kafka_bootstrap_servers=self.system.runtime.endpoints.kafka)
        await publish_once(kafka, "arena", TOPICS[topic], *told)

    async def write(self, topic: str, written: Sequence[Message]) -> None:
        """Write to a topic of careloop's own, each message to where its key belongs."""
        async with AIOKafkaProducer(
            bootstrap_servers=self.system.runtime.endpoints.kafka, enable_idempotence=True
        ) as producer:
            for one in written:
                await producer.send_and_wait(
                    topic, one.value, key=one.key, headers=list(one.headers)
                )

    async def balanced(
        self,
        sent: Sequence[Message],
        places: Sequence[Place],
        told: Sequence[Event[Payload]] = (),
        *,
        timed: bool = False,
    ) -> str:
        """Wait until all is settled, and compare books and stores; what was found, in words.
        `told` is what control events there were besides; `timed` that times were others, and what
        is judged by them.

        Raises AssertionError where something is lost, twice, out of order, or differs from what a
        run of the same messages leaves that nothing disturbs.
        """
        await self.wire.settled(240)
        books = Books(sent, places, [event.type for event in told])
        await books.balance(self.system, self.wire)
        held = dump(self.system.runtime.endpoints.mongo)
        expected = await self.undisturbed(sent, told)
        found = differences(expected, held, timed=timed)
        assert not found, f"{len(found)} differences: {'; '.join(found[:SHOWN])}"
        return f"{len(sent)} in, {books.answered + books.buried} terminal"

    async def undisturbed(
        self, stream: Sequence[Message], told: Sequence[Event[Payload]] = ()
    ) -> Dump:
        """What these messages leave behind when all goes well. Empties the system."""
        named = repr([message.value for message in stream]) + repr(told)
        if named not in self._undisturbed:
            self.say("the same messages without a fault, to compare with")
            await self.fresh()
            await self.tell("feedback", told)
            places = await self.wire.publish(stream)
            await self.wire.settled(240)
            books = Books(stream, places, [event.type for event in told])
            await books.balance(self.system, self.wire)
            self._undisturbed[named] = dump(self.system.runtime.endpoints.mongo)
        return self._undisturbed[named]

    def _log(self, name: str) -> Path:
        return self.system.data / "logs" / f"{name}.log"

    def _stopped(self) -> dict[str, int]:
        running = [one for one in self.workers.values() if one.exit_code() is None]
        with ThreadPoolExecutor(max(1, len(running))) as pool:
            return dict(zip((one.name for one in running), pool.map(_stop, running), strict=True))

    def _emptied(self) -> None:
        self._stopped()
        self.workers.clear()
        self.set_clock(NOON)
        endpoints = self.system.runtime.endpoints
        forget(endpoints.kafka)
        mongo.empty(endpoints.mongo)
        self._new_office()

    def _new_office(self) -> None:
        """Nothing was ever ordered there."""
        self.system.back_office.kill()
        self._offices += 1
        books = self.system.data / f"backoffice-{self._offices}.sqlite"
        log = self._log("backoffice")
        office = BackOfficeProcess(books, log, self.system.back_office.port)
        office.start()
        office.wait_until_ready()
        self.system.back_office = office


def _stop(process: WorkerProcess) -> int:
    try:
        return process.stop()
    except WorkerFailed:
        return KILLED


async def until(what: str, true: Callable[[], bool], seconds: float = 240.0) -> None:
    """Wait for a condition. Raises AssertionError, saying what never came."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.05)


async def ended(process: WorkerProcess, what: str) -> None:
    """Wait until the process is no more."""
    await until(what, lambda: process.exit_code() is not None)


def home_of(prepared: Path, folder: Path) -> Path:
    """A home with the prepared models, and room for others beside them."""
    (folder / "models").mkdir(parents=True)
    for artifact in (prepared / "models").iterdir():
        (folder / "models" / artifact.name).symlink_to(artifact.resolve())
    with suppress(FileNotFoundError):
        shutil.copy(prepared / "secrets.json", folder)
    return folder
