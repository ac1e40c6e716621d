"""Work that is done again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

from shared import log
from shared.errors import TemporaryError

logger = log.get(__name__)


async def repeat(seconds: float, *steps: Callable[[], Awaitable[None]]) -> NoReturn:
    """Take the steps every so many seconds; when something is away, the next time will do."""
    while True:
        try:
            for step in steps:
                await step()
        except TemporaryError as error:
            logger.warning("periodic work has to wait", why=str(error))
        await asyncio.sleep(seconds)
