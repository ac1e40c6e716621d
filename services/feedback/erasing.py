"""Forgetting a customer in feedback: their words and who they were, not how they were served."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.erasing import Erasure


@dataclass(frozen=True, slots=True)
class Place:
    """A response by its key, and its ticket."""

    key: str
    ticket_id: str


class Histories(Protocol):
    """Facts of tickets. All raise TemporaryError."""

    async def of_customer(self, erasure: Erasure) -> Sequence[Place]:
        """The responses to what the customer wrote until then."""

    async def forget(self, places: Sequence[Place]) -> None:
        """Take the customer and all texts from what is known of these responses."""


class Outcomes(Protocol):
    """What became of responses. Raises TemporaryError."""

    async def forget(self, keys: Sequence[str]) -> None:
        """Keep of these how good they were, and not whose they were."""


class Messages(Protocol):
    """What customers asked. Raises TemporaryError."""

    async def forget(self, erasure: Erasure) -> None:
        """Delete what the customer wrote until then."""


class Forgetting:
    """All stores that hold anything of a customer."""

    def __init__(self, histories: Histories, outcomes: Outcomes, messages: Messages) -> None:
        self._histories = histories
        self._outcomes = outcomes
        self._messages = messages

    async def forget(self, erasure: Erasure) -> None:
        """Histories tell which responses there are, so they go last: whoever is killed in between
        finds them again."""
        await self._messages.forget(erasure)
        places = await self._histories.of_customer(erasure)
        if places:
            await self._outcomes.forget([place.key for place in places])
            await self._histories.forget(places)
