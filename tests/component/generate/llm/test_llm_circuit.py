"""A language model that fails is left alone for a while, and then tried by one call."""

import asyncio
from dataclasses import replace
from time import perf_counter

from services.generate.breaker import Circuit
from services.generate.llm.brief import FailureReason as Reason
from tests.component.generate.llm import server as llm
from tests.component.generate.llm.kit import (
    BRIEF,
    QUICK,
    TEXT,
    Clock,
    Door,
    counted,
    failure,
)
from tests.component.generate.llm.server import ModelServer


async def test_while_the_circuit_is_open_nothing_is_sent_and_nobody_waits(
    server: ModelServer, door: Door, clock: Clock
) -> None:
    server.behave(llm.status(500))
    writer = door(server.url, failures=3)
    assert (await failure(writer)).reason is Reason.SERVER_ERROR
    assert len(server.requests) == 3
    assert counted("careloop_llm_circuit", state="open") == 1

    began = perf_counter()
    burst = await asyncio.gather(*(failure(writer) for _ in range(500)))
    assert perf_counter() - began < 0.5, "a millisecond each at most"
    assert {failed.reason for failed in burst} == {Reason.CIRCUIT_OPEN}
    assert len(server.requests) == 3

    clock.seconds += 30
    server.behave(llm.slow(0.1))
    tried = await asyncio.gather(*(writer.write(BRIEF) for _ in range(20)), return_exceptions=True)
    assert len(server.requests) == 4, "one call tries whether it is back"
    assert sum(not isinstance(one, BaseException) for one in tried) == 1
    assert counted("careloop_llm_circuit", state="closed") == 1
    assert (await writer.write(BRIEF)).body == TEXT


async def test_nobody_waits_for_a_turn_at_an_open_circuit(server: ModelServer, door: Door) -> None:
    server.behave(llm.slow(0.3))
    writer = door(server.url, replace(QUICK, at_once=1), failures=1)
    running = asyncio.create_task(writer.write(BRIEF))
    await asyncio.sleep(0.05)
    door.breaker.record(ok=False)
    began = perf_counter()
    assert (await failure(writer)).reason is Reason.CIRCUIT_OPEN
    assert perf_counter() - began < 0.2
    assert (await running).body == TEXT


async def test_the_circuit_opens_again_when_the_server_is_not_back(
    server: ModelServer, door: Door, clock: Clock
) -> None:
    server.behave(llm.status(500))
    writer = door(server.url, failures=3)
    await failure(writer)
    clock.seconds += 30
    assert (await failure(writer)).reason is Reason.SERVER_ERROR
    assert len(server.requests) == 4, "no second try of a call that tried the server"
    assert (await failure(writer)).reason is Reason.CIRCUIT_OPEN


async def test_bad_answers_do_not_open_the_circuit(server: ModelServer, door: Door) -> None:
    server.behave(*[llm.saying("nonsense")] * 5, llm.good)
    writer = door(server.url, failures=2)
    for _ in range(5):
        assert (await failure(writer)).reason is Reason.NOT_JSON
    assert (await writer.write(BRIEF)).body == TEXT


async def test_the_deadline_ends_the_call_that_tries_the_circuit(
    server: ModelServer, door: Door, clock: Clock
) -> None:
    """Otherwise it would stay half open, and nothing would ever be asked again."""
    server.behave(llm.status(500))
    writer = door(server.url, replace(QUICK, deadline_seconds=0.2), failures=1)
    await failure(writer)
    clock.seconds += 30
    server.behave(llm.slow(0.3))
    assert (await failure(writer)).reason is Reason.TIMEOUT
    assert door.breaker.state is Circuit.OPEN
    clock.seconds += 30
    server.behave(llm.good)
    assert (await writer.write(BRIEF)).body == TEXT
