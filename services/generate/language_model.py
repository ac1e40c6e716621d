"""The language model the environment asks for, within its limits."""

import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from services.generate.breaker import Breaker
from services.generate.llm import metrics
from services.generate.llm.brief import Writer
from services.generate.llm.budget import Budget, Spent
from services.generate.llm.cost import Prices
from services.generate.llm.limits import Guarded, Limits
from services.generate.llm.local import LocalOptions, LocalWriter
from services.generate.llm.openai import Endpoint, OpenAIWriter
from services.generate.llm.settings import LlmSettings
from shared.clock import Clock
from shared.errors import FatalError


class Host(Protocol):
    """Whoever starts and stops what belongs to a worker, and knows what time it is."""

    now: Clock

    def prepare(self, what: str, step: Callable[[], Awaitable[None]]) -> None: ...

    def on_close(self, step: Callable[[], Awaitable[None]]) -> None: ...


def language_model(settings: LlmSettings, host: Host, spent: Spent) -> Guarded | None:
    """None where the composer writes alone. Raises FatalError for settings that do not fit."""
    if settings.backend == "none":
        return None
    return Guarded(
        _openai(settings, host) if settings.backend == "openai" else _local(settings, host),
        Limits(
            # A model in this process has one turn at a time.
            at_once=settings.at_once if settings.backend == "openai" else 1,
            queue_seconds=settings.queue_seconds,
            deadline_seconds=settings.deadline_seconds,
            attempts=settings.attempts,
            max_tokens=settings.max_tokens,
        ),
        breaker=Breaker(
            settings.circuit_failures,
            settings.circuit_seconds,
            time.monotonic,
            metrics.show_circuit,
        ),
        budget=Budget(settings.daily_tokens, spent, host.now),
        prices=Prices(settings.price_in, settings.price_out),
        clock=time.monotonic,
    )


def _openai(settings: LlmSettings, host: Host) -> Writer:
    if not settings.base_url.startswith(("http://", "https://")) or not settings.model:
        raise FatalError("LLM_BACKEND=openai needs LLM_BASE_URL (http...) and LLM_MODEL")
    writer = OpenAIWriter(
        Endpoint(
            settings.base_url,
            settings.model,
            settings.api_key,
            settings.seconds,
            settings.max_tokens,
            settings.temperature,
            settings.output,
            settings.limit_field,
        )
    )
    host.on_close(writer.close)
    return writer


def _local(settings: LlmSettings, host: Host) -> Writer:
    writer = LocalWriter(
        LocalOptions(settings.folder, settings.threads, settings.seconds, settings.max_tokens)
    )
    host.prepare("the language model", writer.prepare)
    host.on_close(writer.close)
    return writer
