"""A server that speaks the protocol, and the door to it."""

import io
import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from shared import log
from tests.component.generate.llm import server as llm
from tests.component.generate.llm.kit import Clock, Door
from tests.component.generate.llm.server import ModelServer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def door(clock: Clock) -> AsyncIterator[Door]:
    made = Door(clock)
    yield made
    await made.close()


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer(llm.good) as started:
        yield started


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What this process logs, down to the last detail."""
    handlers, level = logging.root.handlers, logging.root.level
    log.configure("generate", "DEBUG", "json")
    said = io.StringIO()
    logging.root.handlers[0].setStream(said)  # type: ignore[attr-defined]
    yield said
    logging.root.handlers = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
