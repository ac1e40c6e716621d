"""The demo back office in a process, and an executor of orders to it."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from deploy.runtime.ports import LOOPBACK, answers, free_ports
from services.generate.actions.backoffice import HttpBackOffice
from services.generate.actions.executor import Executor, Patience, Results, Stored
from services.generate.breaker import Breaker
from services.generate.domain.actions.orders import NOT_SENT, OUTCOME, UNKNOWN, Order, Result
from tests.component.generate.actions.driver import ORDER

ROOT = Path(__file__).resolve().parents[4]
BALANCE = replace(ORDER, action="balance", arguments={}, result=("available",), reads_only=True)
READY_SECONDS = 20


class Office:
    """The demo back office as a process of its own."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._data = folder / "books.sqlite"
        self._log = folder / "backoffice.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "deploy.backoffice", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--data", str(self._data)], cwd=ROOT, stdout=log, stderr=log
            )
        for _ in range(READY_SECONDS * 20):
            if answers(LOOPBACK, self.port):
                return
            time.sleep(0.05)
        raise AssertionError(self._log.read_text())

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def died(self) -> bool:
        """Waits until it is gone; whether SIGKILL took it."""
        assert self._process is not None
        return self._process.wait(READY_SECONDS) == -signal.SIGKILL

    async def faults(self, **faults: object) -> None:
        async with (
            aiohttp.ClientSession() as http,
            http.put(f"{self.url}/faults", json=faults) as response,
        ):
            assert response.status == 200

    async def moved(self) -> dict[str, int]:
        """How often money moved under each key."""
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{self.url}/ledger") as response,
        ):
            times: dict[str, int] = (await response.json())["times"]
            return times


class MemoryResults:
    """The database's behaviour without the database."""

    def __init__(self) -> None:
        self.begun: dict[str, int] = {}
        self.results: dict[str, Result] = {}
        self.forgotten: set[str] = set()

    async def find(self, keys: Sequence[str]) -> Stored:
        return {key: self.results[key] for key in keys if key in self.results}

    async def begin(self, orders: Sequence[Order]) -> Stored:
        for order in orders:
            if order.key not in self.results:
                self.begun[order.key] = self.begun.get(order.key, 0) + 1
        return await self.find([order.key for order in orders])

    async def finish(self, orders: Sequence[Order], results: Stored) -> Stored:
        for order in orders:
            result = results[order.key]
            sure = result.fields.get(OUTCOME) == NOT_SENT
            if sure and not order.reads_only and self.begun[order.key] > 1:
                result = replace(result, fields={**result.fields, OUTCOME: UNKNOWN})
            self.results.setdefault(order.key, result)
        return await self.find([order.key for order in orders])


class Runner:
    """An executor with its connections, whose waits between attempts are only noted."""

    def __init__(self, results: Results, url: str, **how: Any) -> None:
        self.waited: list[float] = []
        self.breaker = Breaker(how.pop("failures", 100), 30.0, lambda: self.time)
        self.time = 0.0
        seconds = how.pop("seconds", 5.0)
        self.office = HttpBackOffice(url, seconds=seconds, connect_seconds=1.0)
        self.executor = Executor(
            results,
            self.office,
            Patience(**how),
            self.breaker,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.waited.append(seconds)

    async def run(self, *orders: Order) -> list[Result]:
        try:
            return await self.executor.run(orders)
        finally:
            await self.office.close()
            self.office._session = None


def orders(count: int, **changed: Any) -> list[Order]:
    return [replace(ORDER, key=f"key-{number}", **changed) for number in range(count)]


def serving(handle: Any) -> Any:
    """A system that answers every action by this handler; gives its address."""

    class Serving:
        async def __aenter__(self) -> str:
            app = web.Application()
            app.add_routes([web.post("/actions/{name}", handle)])
            self.server = TestServer(app)
            await self.server.start_server()
            return str(self.server.make_url("/"))

        async def __aexit__(self, *_: object) -> None:
            await self.server.close()

    return Serving()
