"""Work that one process of a group does for all of them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

LOOK_SECONDS = 1.0

Work = Callable[[], Coroutine[Any, Any, NoReturn]]


def nothing() -> None:
    """There is nothing to let go of."""


async def while_leading(
    leads: Callable[[], bool],
    work: Work,
    let_go: Callable[[], None] = nothing,
    look_seconds: float = LOOK_SECONDS,
) -> NoReturn:
    """Work for as long as this process `leads`, and begin anew when it does again.

    Who leads may be two for a moment, or nobody, while partitions move: the work must bear that,
    and to be broken off anywhere; `let_go` is called then. What it raises is raised.
    """
    while True:
        if leads():
            try:
                await _until_another_leads(leads, work, look_seconds)
            finally:
                let_go()
        await asyncio.sleep(look_seconds)


async def _until_another_leads(leads: Callable[[], bool], work: Work, look_seconds: float) -> None:
    working = asyncio.create_task(work())
    try:
        while leads() and not working.done():
            await asyncio.wait({working}, timeout=look_seconds)
        if working.done():
            await working
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
