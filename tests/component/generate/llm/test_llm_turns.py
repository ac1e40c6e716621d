"""So many calls to a language model at once, and no more."""

import asyncio
from dataclasses import replace

from services.generate.llm.brief import FailureReason as Reason
from services.generate.llm.brief import WriterFailed
from tests.component.generate.llm import server as llm
from tests.component.generate.llm.kit import (
    BRIEF,
    QUICK,
    TEXT,
    Door,
)
from tests.component.generate.llm.server import ModelServer


async def test_never_more_calls_at_once_than_allowed(server: ModelServer, door: Door) -> None:
    server.behave(llm.slow(0.05))
    writer = door(server.url, replace(QUICK, at_once=3))
    written = await asyncio.gather(*(writer.write(BRIEF) for _ in range(20)))
    assert len(written) == 20
    assert server.most_at_once == 3


async def test_whoever_waits_too_long_for_a_turn_is_told(server: ModelServer, door: Door) -> None:
    server.behave(llm.slow(0.3))
    writer = door(server.url, replace(QUICK, at_once=1, queue_seconds=0.1))
    first, second = await asyncio.gather(
        writer.write(BRIEF), writer.write(BRIEF), return_exceptions=True
    )
    assert not isinstance(first, BaseException)
    assert isinstance(second, WriterFailed) and second.reason is Reason.BUSY
    assert len(server.requests) == 1
    assert (await writer.write(BRIEF)).body == TEXT, "the turn was given back"
