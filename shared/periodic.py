"""Work that is done again and again."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NoReturn

from shared import log
from shared.errors import TemporaryError

logger = log.get(__name__)


REST = 3
"""Times as long as it took is rested: what looks at all there is takes a quarter of the time at
most, however much there is."""


async def repeat(seconds: float, *steps: Callable[[], Awaitable[None]]) -> NoReturn:
    """Take the steps every so many seconds, or less often where they take long; when something is
    away, the next time will do."""
    while True:
        began = time.monotonic()
        try:
            for step in steps:
                await step()
        except TemporaryError as error:
            logger.warning("periodic work has to wait", why=str(error))
        await asyncio.sleep(max(seconds, REST * (time.monotonic() - began)))
