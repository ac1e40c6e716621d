"""Forgetting a customer: what there is at once, and what arrives late soon after.

Events of a customer stand on other partitions than the wish to be forgotten, so some from before it
may come after it. A mark is kept until no topic can hold any, and looked at again and again.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from shared.envelope import Event
from shared.events import CustomerErased, Payload
from shared.outcome import DONE, Handler, Outcome, by_kind
from shared.topics import TOPICS

AGAIN_SECONDS = 600.0
KEPT = 2 * max(card.retention for card in TOPICS.values())
"""An event may lie on its topic so long, and as a dead letter after that."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """Whom to forget, and up to which moment: whoever writes again later is a new customer."""

    customer_key: str
    requested_at: datetime

    @property
    def expires_at(self) -> datetime:
        """From then on nothing from before it can come any more."""
        return self.requested_at + KEPT


class Marks(Protocol):
    """Who asked to be forgotten. All raise TemporaryError."""

    async def note(self, erasures: Sequence[Erasure]) -> None:
        """Keep them, each for KEPT; of two of a customer the later one."""

    async def standing(self, customer_keys: Collection[str] | None = None) -> Sequence[Erasure]:
        """Those that are kept, or of these customers."""


class Eraser:
    """`forget` takes from a worker's stores whatever they have of a customer up to a moment; done
    twice it changes nothing more."""

    def __init__(self, marks: Marks, forget: Callable[[Erasure], Awaitable[None]]) -> None:
        self._marks = marks
        self._forget = forget

    async def erase(self, events: Sequence[Event[CustomerErased]]) -> None:
        """Raises TemporaryError; then nothing is forgotten for good yet, and again will do."""
        for one in await self._noted(events):
            await self._forget(one)

    async def again(self) -> None:
        """Forget what has come since from before. Raises TemporaryError."""
        for one in await self._marks.standing():
            await self._forget(one)

    def beside(self, others: Handler) -> Handler:
        """A handler that carries out erasures and leaves all else to `others`: what that stores of
        customers who are erased is forgotten right after."""

        async def handle(events: Sequence[Event[Any]]) -> Sequence[Outcome]:
            outcomes = await by_kind(events, {CustomerErased: self._remember, Payload: others})
            customers = {key for one in events if (key := getattr(one.data, "customer_key", None))}
            for erasure in await self._marks.standing(customers) if customers else ():
                await self._forget(erasure)
            return outcomes

        return handle

    async def _remember(self, events: Sequence[Event[CustomerErased]]) -> Sequence[Outcome]:
        await self._noted(events)
        return [DONE] * len(events)

    async def _noted(self, events: Sequence[Event[CustomerErased]]) -> Sequence[Erasure]:
        erasures = [Erasure(one.data.customer_key, one.data.requested_at) for one in events]
        if erasures:
            await self._marks.note(erasures)
        return erasures
