"""What many customers together tell, read again and again: newest profiles, a bounded number."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from services.personalize import metrics
from services.personalize.domain.population import Census, Population
from services.personalize.ports import Members
from shared import log
from shared.errors import TemporaryError

logger = log.get(__name__)


class KnownPopulation:
    """The population of this process. `most` profiles are read, those changed last; 0 reads none.

    `now` gives the time, with its zone.
    """

    def __init__(self, members: Members, most: int, now: Callable[[], datetime]) -> None:
        self._members = members
        self._most = most
        self._now = now
        self._population = Population()

    def population(self) -> Population:
        """As it was read last."""
        return self._population

    async def refresh(self) -> None:
        """Read it anew. Raises TemporaryError; what was known goes on then."""
        if not self._most:
            return
        now = self._now()
        census = Census(now)
        async for some in self._members.members(self._most, now):
            # In a thread, so that tickets do not wait while thousands are counted.
            await asyncio.to_thread(census.add, some)
        self._population = await asyncio.to_thread(census.population)
        metrics.POPULATION.set(self._population.customers)

    async def keep_fresh(self, seconds: float) -> NoReturn:
        """Read it now and every so many seconds; when the database is away, the next time will do.

        Beside delivery: tickets do not wait for statistics.
        """
        while True:
            try:
                await self.refresh()
            except TemporaryError as error:
                logger.warning("the population has to wait", why=str(error))
            await asyncio.sleep(seconds)
