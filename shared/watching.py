"""Something outside that a worker relies on, looked for again and again: has it answered lately?"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from shared.errors import TemporaryError


class Watched:
    """`reach` raises TemporaryError when nothing answers; `clock` gives seconds that never go back.

    It is away when it has not answered for three looks.
    """

    def __init__(
        self,
        reach: Callable[[], Awaitable[None]],
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reach = reach
        self._seconds = seconds
        self._clock = clock
        self._seen_at = clock()
        self._why = ""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._seconds)

    async def look(self) -> None:
        try:
            await self._reach()
        except TemporaryError as error:
            self._why = f": {error}"
        else:
            self._seen_at = self._clock()

    def away(self) -> str | None:
        """Says since when there was no answer, or None."""
        silent = self._clock() - self._seen_at
        return f"no answer for {silent:.0f} s{self._why}" if silent > 3 * self._seconds else None
