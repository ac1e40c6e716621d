"""What stands around every language model: turns, deadline, retries, circuit, budget and cost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from services.generate.breaker import Breaker, Circuit
from services.generate.llm import metrics, prompt
from services.generate.llm.brief import Brief, FailureReason, Writer, WriterFailed, Written
from services.generate.llm.budget import Budget, Reservation
from services.generate.llm.cost import Prices, cost_of
from services.generate.llm.tokens import estimate_prompt
from shared import log
from shared.pauses import backoff

logger = log.get(__name__)

RETRIED = frozenset(
    {FailureReason.RATE_LIMITED, FailureReason.SERVER_ERROR, FailureReason.UNREACHABLE}
)
"""A bad answer is not asked for again: at temperature 0 it would be the same, and cost twice."""
FAULTS = RETRIED | {FailureReason.TIMEOUT, FailureReason.REFUSED, FailureReason.INTERNAL}
"""What speaks against the server, rather than against one answer of its model."""
UNPAID = RETRIED | {FailureReason.REFUSED, FailureReason.CIRCUIT_OPEN}
"""What no server charges for. Whatever else has no token count may have used all it could."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls `at_once`; seconds to wait for a turn, then for all attempts together; tries; the first
    pause between them (it doubles, with jitter), the longest, and the longest a server may ask for.
    `max_tokens` of an answer are reserved of the budget."""

    at_once: int = 4
    queue_seconds: float = 5.0
    deadline_seconds: float = 30.0
    attempts: int = 3
    backoff_seconds: float = 0.5
    backoff_max_seconds: float = 8.0
    retry_after_max_seconds: float = 10.0
    max_tokens: int = 512


class Guarded:
    """A writer within its limits. `clock` gives seconds that never go back."""

    def __init__(
        self,
        writer: Writer,
        limits: Limits,
        *,
        breaker: Breaker,
        budget: Budget,
        prices: Prices,
        clock: Callable[[], float],
    ) -> None:
        self._writer = writer
        self._limits = limits
        self._breaker = breaker
        self._budget = budget
        self._prices = prices
        self._clock = clock
        self._turns = asyncio.Semaphore(limits.at_once)
        metrics.show_circuit(breaker.state)

    async def write(self, brief: Brief) -> Written:
        """The body of one reply. Raises WriterFailed, within queue and deadline seconds."""
        began = self._clock()
        try:
            written = await self._in_turn(brief)
        except WriterFailed as failed:
            self._count(failed.reason.value, failed, began)
            raise
        self._count("written", written, began)
        return written

    def cost(self, outcome: Written | WriterFailed) -> dict[str, float]:
        """The entries of a response's `cost`; a failure may have cost something, too."""
        return cost_of(outcome.tokens_in, outcome.tokens_out, self._prices)

    async def _in_turn(self, brief: Brief) -> Written:
        if not self._breaker.allows():  # while it is open nobody waits for a turn
            raise WriterFailed(FailureReason.CIRCUIT_OPEN)
        async with self._turn():
            deadline = self._clock() + self._limits.deadline_seconds
            try:
                async with asyncio.timeout(self._limits.deadline_seconds):
                    return await self._tried(brief, deadline)
            except TimeoutError:
                raise WriterFailed(FailureReason.TIMEOUT) from None

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._limits.queue_seconds):
                await self._turns.acquire()
        except TimeoutError:
            raise WriterFailed(FailureReason.BUSY) from None
        try:
            yield
        finally:
            self._turns.release()

    async def _tried(self, brief: Brief, deadline: float) -> Written:
        attempt = 1
        while True:
            try:
                return await self._paid(brief)
            except WriterFailed as failed:
                pause = self._pause(failed, attempt)
                if pause is None or self._clock() + pause >= deadline:
                    raise
                metrics.RETRIES.labels(failed.reason.value).inc()
            await asyncio.sleep(pause)
            attempt += 1

    def _pause(self, failed: WriterFailed, attempt: int) -> float | None:
        """Seconds until the next try, or None when there shall be none."""
        limits = self._limits
        is_open = self._breaker.state is not Circuit.CLOSED
        if failed.reason not in RETRIED or attempt >= limits.attempts or is_open:
            return None
        asked = failed.retry_after or 0.0
        if asked > limits.retry_after_max_seconds:
            return None
        return max(asked, backoff(attempt, limits.backoff_seconds, limits.backoff_max_seconds))

    async def _paid(self, brief: Brief) -> Written:
        """One call on the budget. What it may have used stays reserved when nobody says."""
        needed = estimate_prompt(prompt.messages(brief)) + self._limits.max_tokens
        reserved = await self._reserved(needed)
        try:
            written = await self._called(brief)
        except WriterFailed as failed:
            used = failed.tokens_in + failed.tokens_out
            if used or failed.reason in UNPAID:
                await self._settled(reserved, used)
            raise
        await self._settled(reserved, written.tokens_in + written.tokens_out)
        return written

    async def _called(self, brief: Brief) -> Written:
        if not self._breaker.admit():
            raise WriterFailed(FailureReason.CIRCUIT_OPEN)
        try:
            written = await self._writer.write(brief)
        except WriterFailed as failed:
            self._breaker.record(ok=failed.reason not in FAULTS)
            raise
        except Exception:
            self._breaker.record(ok=False)
            logger.exception("the language model failed unforeseen")
            raise WriterFailed(FailureReason.INTERNAL) from None
        except BaseException:  # the deadline or a stopping worker ends it
            self._breaker.record(ok=False)
            raise
        self._breaker.record(ok=True)
        return written

    async def _reserved(self, tokens: int) -> Reservation:
        try:
            return await self._budget.reserve(tokens)
        except WriterFailed:
            raise
        except Exception:
            logger.exception("the language model's budget cannot be read: it is not asked")
            raise WriterFailed(FailureReason.INTERNAL) from None

    async def _settled(self, reserved: Reservation, tokens: int) -> None:
        try:
            await self._budget.settle(reserved, tokens)
        except Exception:
            logger.exception("the language model's budget cannot be settled: more stays reserved")

    def _count(self, outcome: str, spent: Written | WriterFailed, began: float) -> None:
        metrics.REQUESTS.labels(outcome).inc()
        metrics.SECONDS.observe(self._clock() - began)
        metrics.TOKENS.labels("in").inc(spent.tokens_in)
        metrics.TOKENS.labels("out").inc(spent.tokens_out)
        metrics.COST.inc(self.cost(spent)["llm_cost"])
