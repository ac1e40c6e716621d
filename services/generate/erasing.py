"""Forgetting a customer in generate: what was replied, asked back and done for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.generate.reviews import reviewed_id
from shared.erasing import Erasure
from shared.events import ResponseGenerated


@dataclass(frozen=True, slots=True)
class Place:
    """A response and its ticket."""

    response_id: str
    ticket_id: str


class Replies(Protocol):
    """Stored responses. All raise TemporaryError."""

    async def of_customer(self, erasure: Erasure) -> Sequence[Place]:
        """The responses to what the customer wrote until then."""

    async def blank(self, response_ids: Sequence[str]) -> None:
        """Keep of these only that they were made."""


class Steps(Protocol):
    """Stored steps towards actions. Raises TemporaryError."""

    async def forget(self, response_ids: Sequence[str]) -> None:
        """Keep of those of these responses only that something was done."""


class Results(Protocol):
    """Stored results of actions. Raises TemporaryError."""

    async def forget(self, customer_key: str, ticket_ids: Sequence[str]) -> None:
        """Keep of the customer's actions in these tickets only that they were carried out."""


class Forgetting:
    """All stores that hold anything of a customer."""

    def __init__(self, replies: Replies, steps: Steps, results: Results) -> None:
        self._replies = replies
        self._steps = steps
        self._results = results

    async def forget(self, erasure: Erasure) -> None:
        """The responses tell what else there is, so they go last: whoever is killed in between
        finds them again."""
        places = await self._replies.of_customer(erasure)
        if not places:
            return
        drafts = [place.response_id for place in places]
        # What was sent instead of a draft is of the same customer, whenever that was.
        response_ids = [*drafts, *map(reviewed_id, drafts)]
        tickets = sorted({place.ticket_id for place in places})
        await self._steps.forget(response_ids)
        await self._results.forget(erasure.customer_key, tickets)
        await self._replies.blank(response_ids)


def blanked(response: ResponseGenerated) -> ResponseGenerated:
    """What is left: which message it was to, and what was decided; nothing that anybody wrote."""
    return response.model_copy(
        update={
            "text": "",
            "citations": (),
            "action": None,
            "recommendations": (),
            "handoff": None,
            "evidence": (),
            "entities": (),
            "asked": None,
            "customer_key": None,
        }
    )
