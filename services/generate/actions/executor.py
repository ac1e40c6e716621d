"""Carries out orders, each once.

The steps, and what a crash at each of them leaves:

1. results stored for these keys are read; what has one is not called again;
2. the others are noted as begun, before anything is sent;
3. the company's system is called, with the same idempotency key however often: a call repeated
   after a crash finds there what the first one did;
4. the result is stored, insert-if-absent, and only then returned for the reply to be written.

A stored result is final, a failure too. At redelivery a failed order is not tried once more: the
reply that says so, or the person who was told, may be on the way already, and what succeeds
afterwards would be done a second time by that person. The customer's next message, or a person's
approval, is how it goes on.

That is also why what is begun is noted. "Surely nothing has happened" (`not_sent`) is a promise a
person acts on, and one process cannot give it if an earlier one, or another one at this moment, may
have sent the order too: then the outcome is `unknown`.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.generate.breaker import Breaker
from services.generate.domain.actions.answers import Answer
from services.generate.domain.actions.orders import (
    ERROR,
    NOT_SENT,
    OUTCOME,
    REASON,
    UNKNOWN,
    Order,
    Result,
)
from shared import log

logger = log.get(__name__)

Stored = Mapping[str, Result]
"""Results by their key."""
NOT_TRIED = Answer("again", "system_down", reached=False)


class Results(Protocol):
    """What became of every order, by its key; written once. All raise TemporaryError."""

    async def find(self, keys: Sequence[str]) -> Stored:
        """Those that there are."""

    async def begin(self, orders: Sequence[Order]) -> Stored:
        """Note that each is about to be sent, unless it has a result; gives those results."""

    async def finish(self, orders: Sequence[Order], results: Stored) -> Stored:
        """Store the results that are not there yet, and give what is stored now.

        A failed one that changes something stays `not_sent` only if it was begun just once.
        """


class BackOffice(Protocol):
    """The company's system."""

    async def carry_out(self, order: Order) -> Answer:
        """One call. Never raises for what the system or the network does."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Calls `at_once`; `attempts` for one order, `base_seconds` and then twice as long between
    them, a random half of it off."""

    at_once: int = 8
    attempts: int = 3
    base_seconds: float = 0.2


class Executor:
    """Orders in, results out."""

    def __init__(
        self,
        results: Results,
        back_office: BackOffice,
        patience: Patience,
        breaker: Breaker,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._results = results
        self._back_office = back_office
        self._patience = patience
        self._breaker = breaker
        self._sleep = sleep
        self._free = asyncio.Semaphore(patience.at_once)

    async def run(self, orders: Sequence[Order]) -> list[Result]:
        """The result of each, in their order. Raises TemporaryError without the database."""
        by_key = {order.key: order for order in orders}
        if not by_key:
            return []
        stored = dict(await self._results.find(list(by_key)))
        fresh = [order for key, order in by_key.items() if key not in stored]
        if fresh:
            stored |= await self._results.begin(fresh)
            todo = [order for order in fresh if order.key not in stored]
            made = await asyncio.gather(*map(self._carry_out, todo))
            results = {result.key: result for result in made}
            stored |= results | dict(await self._results.finish(todo, results))
            _warn_of([(order, stored[order.key]) for order in todo])
        return [stored[order.key] for order in orders]

    async def _carry_out(self, order: Order) -> Result:
        async with self._free:
            answer, reached = await self._called(order)
        if answer.kind == "done":
            return Result(order.key, "done", dict(answer.fields))
        if answer.kind == "refused":
            return Result(order.key, "refused", {ERROR: answer.code})
        outcome = UNKNOWN if reached and not order.reads_only else NOT_SENT
        return Result(order.key, "failed", {OUTCOME: outcome, REASON: answer.code})

    async def _called(self, order: Order) -> tuple[Answer, bool]:
        """The last answer, and whether any call may have got through."""
        answer, reached = NOT_TRIED, False
        for attempt in range(self._patience.attempts):
            if attempt:
                longest = self._patience.base_seconds * 2 ** (attempt - 1)
                await self._sleep(longest * random.uniform(0.5, 1.0))
            if not self._breaker.admit():
                break
            answer = await self._recorded(order)
            reached = reached or answer.reached
            if answer.kind != "again":
                break
        return answer, reached

    async def _recorded(self, order: Order) -> Answer:
        """One call, and how it ended for the breaker, also when the worker stops meanwhile."""
        is_up = False
        try:
            answer = await self._back_office.carry_out(order)
            is_up = answer.kind != "again"
        finally:
            self._breaker.record(ok=is_up)
        return answer


def _warn_of(done: Sequence[tuple[Order, Result]]) -> None:
    for order, result in done:
        if result.status == "failed":
            logger.warning(
                "action failed",
                action=order.action,
                ticket_id=order.ticket_id,
                why=result.fields[REASON],
                outcome=result.fields[OUTCOME],
            )
