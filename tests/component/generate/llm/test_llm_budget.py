"""The tokens of a day: none is spent twice, and none is forgotten."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.generate.llm.brief import FailureReason as Reason
from tests.component.generate.llm import server as llm
from tests.component.generate.llm.kit import (
    BRIEF,
    PROMPT_TOKENS,
    QUICK,
    RESERVED,
    TEXT,
    USED,
    Clock,
    Door,
    failure,
)
from tests.component.generate.llm.server import ModelServer


async def test_the_budget_stops_at_its_limit_and_starts_anew_the_next_day(
    server: ModelServer, door: Door, clock: Clock
) -> None:
    writer = door(server.url, daily_tokens=RESERVED + 2 * USED)
    for _ in range(3):
        await writer.write(BRIEF)
    assert await door.today() == 3 * USED
    assert (await failure(writer)).reason is Reason.BUDGET_SPENT
    assert len(server.requests) == 3
    assert await door.today() == 3 * USED, "a refusal takes nothing"

    clock.now = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)
    assert (await failure(writer)).reason is Reason.BUDGET_SPENT
    clock.now += timedelta(seconds=1)
    assert (await writer.write(BRIEF)).body == TEXT


async def test_calls_at_the_same_time_cannot_spend_the_same_rest(
    server: ModelServer, door: Door
) -> None:
    server.behave(llm.slow(0.1))
    writer = door(server.url, replace(QUICK, at_once=10), daily_tokens=2 * RESERVED)
    tried = await asyncio.gather(*(writer.write(BRIEF) for _ in range(10)), return_exceptions=True)
    assert len(server.requests) == 2
    assert sum(not isinstance(one, BaseException) for one in tried) == 2


@pytest.mark.parametrize(
    ("behaviour", "spent"),
    [
        (llm.saying("nonsense"), USED),
        (llm.status(500), 0),
        (llm.slow(5.0), RESERVED),
        (llm.huge, RESERVED),
        (llm.html, PROMPT_TOKENS),
    ],
)
async def test_the_budget_counts_what_failures_may_have_cost(
    server: ModelServer, door: Door, behaviour: llm.Behaviour, spent: int
) -> None:
    server.behave(behaviour)
    writer = door(server.url)
    failed = await failure(writer)
    assert await door.today() == spent
    known = spent if spent in (USED, PROMPT_TOKENS) else 0
    assert failed.tokens_in + failed.tokens_out == known


async def test_a_useless_answer_is_on_the_tickets_bill(server: ModelServer, door: Door) -> None:
    server.behave(llm.saying("nonsense"))
    writer = door(server.url)
    assert writer.cost(await failure(writer))["llm_cost"] == 0.001


async def test_tokens_nobody_counted_are_estimated(server: ModelServer, door: Door) -> None:
    server.behave(llm.without_usage)
    written = await door(server.url).write(BRIEF)
    assert written.tokens_in == PROMPT_TOKENS
    assert 10 < written.tokens_out < 60
    assert await door.today() == written.tokens_in + written.tokens_out
