"""A guarded writer for one server, and what a test asks of it."""

import json
from datetime import UTC, datetime
from time import monotonic

import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr

from services.generate.breaker import Breaker
from services.generate.llm import metrics
from services.generate.llm.brief import Brief, Fact, Writer, WriterFailed
from services.generate.llm.budget import Budget, Spent, SpentHere
from services.generate.llm.cost import Prices
from services.generate.llm.limits import Guarded, Limits
from services.generate.llm.openai import Endpoint, OpenAIWriter
from services.generate.llm.prompt import messages
from services.generate.llm.tokens import estimate_prompt
from tests.component.generate.llm import server as llm

KEY = "sk-very-secret-4711"
TEXT = "A refund takes 3 working days to your card."
BRIEF = Brief("en", "Where is my refund?", (Fact("f1", TEXT),), TEXT)
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CALL_SECONDS = 0.4
QUICK = Limits(
    queue_seconds=5.0,
    deadline_seconds=3.0,
    backoff_seconds=0.02,
    backoff_max_seconds=0.05,
    retry_after_max_seconds=2.0,
)
PROMPT_TOKENS = estimate_prompt(messages(BRIEF))
RESERVED = PROMPT_TOKENS + QUICK.max_tokens
USED = llm.USAGE["total_tokens"]


class Clock:
    """Seconds and a date, both set by the test."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.now = NOON


class Door:
    """A guarded writer for one server, with whatever a test wants otherwise."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.spent = SpentHere()
        self.breaker: Breaker
        self._writers: list[OpenAIWriter] = []

    def __call__(
        self,
        url: str,
        limits: Limits = QUICK,
        *,
        failures: int = 100,
        daily_tokens: int = 10**9,
        spent: Spent | None = None,
        writer: Writer | None = None,
    ) -> Guarded:
        own = OpenAIWriter(Endpoint(url, llm.MODEL, SecretStr(KEY), seconds=CALL_SECONDS))
        self._writers.append(own)
        self.breaker = Breaker(failures, 30.0, lambda: self._clock.seconds, metrics.show_circuit)
        return Guarded(
            writer or own,
            limits,
            breaker=self.breaker,
            budget=Budget(daily_tokens, spent or self.spent, lambda: self._clock.now),
            prices=Prices(2.0, 10.0),
            clock=monotonic,
        )

    async def today(self) -> int:
        """Tokens spent or reserved."""
        return await self.spent.add(self._clock.now.date(), 0)

    async def close(self) -> None:
        for writer in self._writers:
            await writer.close()


async def failure(writer: Guarded, brief: Brief = BRIEF) -> WriterFailed:
    with pytest.raises(WriterFailed) as caught:
        await writer.write(brief)
    return caught.value


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def answering(body: object, used: object) -> llm.Behaviour:
    return llm.saying(json.dumps({"body": body, "used": used}))
