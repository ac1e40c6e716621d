"""Orders against the real back office, each carried out once whatever dies, drops or is slow.

The fast ones keep results in memory; the slow ones in the real database. The kill tests end a
process that runs an order (`actions_driver.py`) with SIGKILL at each of its steps, or the back
office before or after its commit, run the order again in a new process, and read the back office's
ledger: money has moved once.
"""

import asyncio
import json
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from deploy.runtime.ports import LOOPBACK, answers, free_ports
from services.generate.actions.backoffice import HttpBackOffice
from services.generate.actions.executor import Executor, Patience, Results, Stored
from services.generate.actions.mongo import MongoResults, MongoSteps
from services.generate.breaker import Breaker
from services.generate.domain.actions.orders import NOT_SENT, OUTCOME, UNKNOWN, Order, Result
from shared.errors import TemporaryError
from shared.mongo import Mongo
from tests.component.actions_driver import KEY, ORDER, STEPS
from tests.unit.generate.actions_kit import step

ROOT = Path(__file__).resolve().parents[2]
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


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    office.start()
    yield office
    office.kill()


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


@pytest.fixture
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    mongo = Mongo(mongo_url, f"generate_{uuid.uuid4().hex}")
    yield mongo
    await mongo.database.client.drop_database(mongo.database.name)
    await mongo.close()


@pytest.fixture(params=["memory", pytest.param("database", marks=pytest.mark.slow)])
def results(request: pytest.FixtureRequest) -> Results:
    if request.param == "memory":
        return MemoryResults()
    return MongoResults(request.getfixturevalue("mongo"))


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


# -- with the real back office ---------------------------------------------------------------------


async def test_an_order_is_done_once_however_often_it_is_given(
    office: Office, results: Results
) -> None:
    runner = Runner(results, office.url)
    first = await runner.run(ORDER, ORDER)
    again = await runner.run(ORDER)
    assert first == [again[0], again[0]]
    assert first[0].status == "done"
    assert first[0].fields["balance"] == "8150.00 CNY"
    assert await office.moved() == {KEY: 1}


async def test_two_processes_at_once_move_money_once_and_say_the_same(
    office: Office, results: Results
) -> None:
    told = await asyncio.gather(*[Runner(results, office.url).run(ORDER) for _ in range(8)])
    assert all(one == told[0] for one in told)
    assert await office.moved() == {KEY: 1}


async def test_a_refusal_is_a_result_and_final(office: Office, results: Results) -> None:
    poor = replace(ORDER, arguments={**ORDER.arguments, "amount": "9000.00 CNY"})
    (told,) = await Runner(results, office.url).run(poor)
    assert (told.status, told.fields) == ("refused", {"error": "insufficient_funds"})
    assert await Runner(results, "http://127.0.0.1:9").run(poor) == [told]


async def test_an_answer_lost_on_the_way_is_asked_for_again(
    office: Office, results: Results
) -> None:
    await office.faults(drop=2)
    (told,) = await Runner(results, office.url).run(ORDER)
    assert told.status == "done"
    assert await office.moved() == {KEY: 1}


async def test_an_answer_that_never_comes_leaves_it_open_whether_it_happened(
    office: Office, results: Results
) -> None:
    await office.faults(drop=99)
    (told,) = await Runner(results, office.url).run(ORDER)
    assert (told.status, told.fields[OUTCOME]) == ("failed", UNKNOWN)
    await office.faults()
    # Final: the reply that says so may be on its way already.
    assert await Runner(results, office.url).run(ORDER) == [told]
    assert await office.moved() == {KEY: 1}


async def test_a_slow_system_is_not_waited_for(office: Office, results: Results) -> None:
    await office.faults(slow_seconds=30)
    began = time.monotonic()
    (told,) = await Runner(results, office.url, seconds=0.2, attempts=2).run(ORDER)
    assert time.monotonic() - began < 3
    assert (told.status, told.fields) == ("failed", {OUTCOME: UNKNOWN, "reason": "timed_out"})


async def test_a_look_that_fails_has_certainly_changed_nothing(
    office: Office, results: Results
) -> None:
    await office.faults(down=True)
    (told,) = await Runner(results, office.url).run(BALANCE)
    assert (told.status, told.fields[OUTCOME]) == ("failed", NOT_SENT)


async def test_a_system_that_is_down_has_certainly_done_nothing(
    office: Office, results: Results
) -> None:
    office.kill()
    runner = Runner(results, office.url, base_seconds=0.2)
    (told,) = await runner.run(ORDER)
    assert (told.status, told.fields) == ("failed", {OUTCOME: NOT_SENT, "reason": "unreachable"})
    assert len(runner.waited) == 2
    assert 0.1 <= runner.waited[0] <= 0.2 <= runner.waited[1] <= 0.4


async def test_if_an_earlier_process_may_have_sent_it_nobody_is_certain(
    office: Office, results: Results
) -> None:
    await results.begin([ORDER])  # and then that process died
    office.kill()
    (told,) = await Runner(results, office.url).run(ORDER)
    assert (told.status, told.fields[OUTCOME]) == ("failed", UNKNOWN)


async def test_of_a_failure_and_a_success_at_the_same_time_the_first_counts(
    office: Office, results: Results
) -> None:
    # Another process has begun, and is not done yet, when this one finds the system unreachable.
    await results.begin([ORDER])
    (told,) = await Runner(results, "http://127.0.0.1:9").run(ORDER)
    late = Result(ORDER.key, "done", {"reference": "T-1"})
    assert await results.finish([ORDER], {ORDER.key: late}) == {ORDER.key: told}
    assert told.may_have_happened


async def test_results_come_in_the_order_of_orders(office: Office, results: Results) -> None:
    given = orders(20, arguments={**ORDER.arguments, "amount": "1.00 CNY"})
    told = await Runner(results, office.url).run(*given[::3])
    told = await Runner(results, office.url).run(*given)
    assert [one.key for one in told] == [one.key for one in given]
    assert await office.moved() == {one.key: 1 for one in given}


async def test_a_system_that_is_down_costs_the_next_tickets_nothing(results: Results) -> None:
    calls = 0

    async def down(_: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        return web.json_response({"error": "down"}, status=503)

    async with serving(down) as url:
        runner = Runner(results, url, failures=5, at_once=1)
        told = await runner.run(*orders(50))
        assert calls == 5
        assert [one.status for one in told] == ["failed"] * 50
        # Those that were never sent are known not to have been.
        assert told[-1].fields == {OUTCOME: NOT_SENT, "reason": "system_down"}
        assert told[0].fields[OUTCOME] == UNKNOWN
        runner.time = 31.0
        await runner.run(replace(ORDER, key="later"), replace(ORDER, key="later still"))
        assert calls == 6, "one tries whether it is back"


async def test_one_call_that_got_through_is_enough_to_be_unsure(results: Results) -> None:
    calls = 0

    async def busy_later(_: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        return web.json_response({"error": "busy"}, status=503 if calls == 1 else 429)

    async with serving(busy_later) as url:
        (told,) = await Runner(results, url).run(ORDER)
    assert calls == 3
    assert told.fields == {OUTCOME: UNKNOWN, "reason": "too_many_requests"}


# -- answers no system should give -----------------------------------------------------------------


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


async def html(_: web.Request) -> web.Response:
    return web.Response(text="<h1>Welcome</h1>", content_type="text/html")


async def huge(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    with pytest.raises((ConnectionError, asyncio.CancelledError)):
        while True:
            await response.write(b" " * 65_536)
    return response


async def elsewhere(_: web.Request) -> web.Response:
    raise web.HTTPTemporaryRedirect("http://127.0.0.1:9/")


async def deep(_: web.Request) -> web.Response:
    return web.Response(body=b"[" * 60_000, content_type="application/json")


async def other(_: web.Request) -> web.Response:
    return web.json_response({"result": {"done": "yes"}})


async def packed(_: web.Request) -> web.Response:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    return web.Response(body=b"\x1f\x8bnot gzip", headers=headers)


async def cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "application/json", "Content-Length": "100"}
    )
    await response.prepare(request)
    await response.write(b'{"result"')
    assert request.transport is not None
    request.transport.abort()
    return response


@pytest.mark.parametrize("handle", [html, huge, elsewhere, deep, other, packed, cut])
async def test_a_malformed_answer_is_a_failure_that_may_have_acted(handle: Any) -> None:
    async with serving(handle) as url:
        (told,) = await Runner(MemoryResults(), url).run(ORDER)
    assert (told.status, told.fields[OUTCOME]) == ("failed", UNKNOWN)


async def test_what_is_sent_and_what_is_kept_of_the_answer() -> None:
    seen: dict[str, Any] = {}

    async def echo(request: web.Request) -> web.Response:
        seen.update(headers=dict(request.headers), body=await request.json())
        seen["path"] = request.path
        result = {"reference": "for 6217 0000 9999 0003\n of C-1001", "balance": 5, "x": "y"}
        return web.json_response({"result": result})

    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    async with serving(echo) as url:
        office = HttpBackOffice(url, token="secret")
        answer = await office.carry_out(replace(ORDER, traceparent=trace))
        await office.close()
    assert seen["path"] == "/actions/transfer"
    assert seen["headers"]["Idempotency-Key"] == KEY
    assert seen["headers"]["traceparent"] == trace
    assert seen["headers"]["Authorization"] == "Bearer secret"
    assert seen["body"] == {
        "customer_id": "C-1001",
        "arguments": {"amount": "500.00 CNY", "payee": "6217 0000 9999 0003"},
    }
    assert answer.fields == {"reference": "for [ACCOUNT_1] of [CUSTOMER_ID]", "balance": "5"}


async def test_without_the_original_nothing_is_sent() -> None:
    async with serving(html) as url:
        (told,) = await Runner(MemoryResults(), url).run(replace(ORDER, originals={}))
    assert told.fields == {OUTCOME: NOT_SENT, "reason": "original_missing"}


def test_an_order_shows_no_personal_data() -> None:
    assert "9999" not in repr(ORDER) and "C-1001" not in repr(ORDER)


def test_only_http_is_spoken() -> None:
    for address in ("", "127.0.0.1:80", "file:///etc/passwd", "ftp://host/"):
        with pytest.raises(ValueError, match="http"):
            HttpBackOffice(address)


# -- the database ----------------------------------------------------------------------------------


async def test_the_database_has_no_personal_data(office: Office, mongo: Mongo) -> None:
    await Runner(MongoResults(mongo), office.url).run(ORDER)
    (document,) = await mongo.database["action_results"].find({}).to_list(None)
    assert "9999" not in str(document) and "C-1001" not in str(document)


async def test_without_the_database_nothing_is_sent(office: Office) -> None:
    (port,) = free_ports(1)
    away = Mongo(f"mongodb://{LOOPBACK}:{port}/?serverSelectionTimeoutMS=200", "generate")
    with pytest.raises(TemporaryError):
        await Runner(MongoResults(away), office.url).run(ORDER)
    await away.close()
    assert await office.moved() == {}


async def test_steps_are_kept_once_and_read_in_order(mongo: Mongo) -> None:
    steps = MongoSteps(mongo)
    await steps.create_indexes()
    first = step(turn=1, status="asking", asked=("payee",), seals=("k1.abc",), customer_key="c")
    second = step(turn=2)
    await steps.keep([second])
    await steps.keep([first, replace(second, status="failed")])
    assert await steps.before({"T-1": 3, "T-2": 9}) == {"T-1": (first, second), "T-2": ()}
    assert await steps.before({"T-1": 2}) == {"T-1": (first,)}
    assert await steps.of(["r2", "r9"]) == {"r2": second}
    await steps.forget("c")
    assert await steps.before({"T-1": 3}) == {"T-1": (second,)}


async def test_results_of_an_erased_customer_are_gone(office: Office, mongo: Mongo) -> None:
    results = MongoResults(mongo)
    await results.create_indexes()
    mine, other = replace(ORDER, customer_key="c"), replace(ORDER, key="k2", customer_key="d")
    await Runner(results, office.url).run(mine, other)
    await results.forget("c")
    assert list(await results.find([mine.key, other.key])) == ["k2"]
    # What comes again finds what the back office knows.
    await Runner(results, office.url).run(mine)
    assert await office.moved() == {mine.key: 1, "k2": 1}


# -- kill -9 ---------------------------------------------------------------------------------------


def drive(mongo: Mongo, mongo_url: str, office: Office, chosen: str) -> Any:
    """A process that runs the order; its exit code, what it printed, and how often it called."""
    where = (mongo_url, mongo.database.name, office.url)
    command = [sys.executable, "-m", "tests.component.actions_driver", *where, chosen]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    told = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None
    return done.returncode, told, done.stderr.count("called\n")


@pytest.mark.parametrize("chosen", STEPS)
async def test_kill_9_at_each_step_moves_money_once(
    chosen: str, mongo: Mongo, mongo_url: str, office: Office
) -> None:
    code, _, _ = await asyncio.to_thread(drive, mongo, mongo_url, office, chosen)
    assert code == -signal.SIGKILL
    moved = {} if chosen in ("before_begin", "before_call") else {KEY: 1}
    assert await office.moved() == moved, "the step was reached"
    code, told, calls = await asyncio.to_thread(drive, mongo, mongo_url, office, "none")
    assert (code, told["status"]) == (0, "done")
    assert calls == (0 if chosen == "after_store" else 1)
    code, again, calls = await asyncio.to_thread(drive, mongo, mongo_url, office, "none")
    assert (code, again, calls) == (0, told, 0)
    assert await office.moved() == {KEY: 1}


async def test_kill_9_again_and_again_moves_money_once(
    mongo: Mongo, mongo_url: str, office: Office
) -> None:
    for chosen in STEPS:
        await asyncio.to_thread(drive, mongo, mongo_url, office, chosen)
    _, told, _ = await asyncio.to_thread(drive, mongo, mongo_url, office, "none")
    assert told["status"] == "done"
    assert await office.moved() == {KEY: 1}


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
async def test_kill_9_of_the_back_office_moves_money_once(
    moment: str, mongo: Mongo, mongo_url: str, office: Office
) -> None:
    await office.faults(die=moment)
    code, told, _ = await asyncio.to_thread(drive, mongo, mongo_url, office, "before_store")
    assert code == -signal.SIGKILL
    assert await asyncio.to_thread(office.died)
    office.start()
    assert await office.moved() == ({} if moment == "before_commit" else {KEY: 1})
    _, told, _ = await asyncio.to_thread(drive, mongo, mongo_url, office, "none")
    assert told["status"] == "done"
    assert await office.moved() == {KEY: 1}


async def test_both_dead_and_the_back_office_still_down_nobody_claims_that_nothing_happened(
    mongo: Mongo, mongo_url: str, office: Office
) -> None:
    await asyncio.to_thread(drive, mongo, mongo_url, office, "before_store")
    office.kill()
    _, told, _ = await asyncio.to_thread(drive, mongo, mongo_url, office, "none")
    assert (told["status"], told["fields"][OUTCOME]) == ("failed", UNKNOWN)
    office.start()
    _, again, calls = await asyncio.to_thread(drive, mongo, mongo_url, office, "none")
    assert (again, calls) == (told, 0)
    assert await office.moved() == {KEY: 1}
