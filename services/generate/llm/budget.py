"""How many tokens a day may take (UTC), over all processes that share a `Spent`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from services.generate.llm.brief import FailureReason, WriterFailed


class Spent(Protocol):
    """Tokens spent or reserved, by day."""

    async def add(self, day: date, tokens: int) -> int:
        """Add them, or give back a negative number; the day's total after it. Atomic."""


class SpentHere:
    """In memory: forgotten at a restart, and every process has a budget of its own."""

    def __init__(self) -> None:
        self._day = date.min
        self._total = 0

    async def add(self, day: date, tokens: int) -> int:
        if day > self._day:
            self._day, self._total = day, 0
        if day == self._day:
            self._total += tokens
        return self._total


@dataclass(frozen=True, slots=True)
class Reservation:
    day: date
    tokens: int


class Budget:
    """Tokens are reserved before a call and settled after it, so that calls at the same time cannot
    spend the same rest."""

    def __init__(self, daily_tokens: int, spent: Spent, now: Callable[[], datetime]) -> None:
        self._daily_tokens = daily_tokens
        self._spent = spent
        self._now = now

    async def reserve(self, tokens: int) -> Reservation:
        """Raises WriterFailed(BUDGET_SPENT) when they are more than today has left."""
        day = self._now().astimezone(UTC).date()
        if await self._spent.add(day, tokens) > self._daily_tokens:
            await self._spent.add(day, -tokens)
            raise WriterFailed(FailureReason.BUDGET_SPENT)
        return Reservation(day, tokens)

    async def settle(self, reserved: Reservation, tokens: int) -> None:
        """Replace what was reserved by what was used, on the day it was reserved."""
        if tokens != reserved.tokens:
            await self._spent.add(reserved.day, tokens - reserved.tokens)
