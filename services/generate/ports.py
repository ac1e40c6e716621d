"""What generate needs from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.generate.domain.actions.orders import Order, Result, Step
from services.generate.knowledge_base import KnowledgeBase
from shared.envelope import Event
from shared.events import KnowledgeUpdated, PolicyUpdated, ResponseGenerated


@dataclass(frozen=True, slots=True)
class Kept:
    """A response exactly as it was first published, with placeholders; `seals` hold the originals
    of those it has. `turn` is that of its message. Of a customer who was `erased` nothing is left
    but that there was one, so that there is no second."""

    event: Event[ResponseGenerated]
    turn: int
    seals: tuple[str, ...] = ()
    erased: bool = False


Stored = Mapping[str, Kept]
"""Responses by their id."""


class Responses(Protocol):
    """Every response ever made; a response is written once. All raise TemporaryError."""

    async def find(self, response_ids: Sequence[str]) -> Stored:
        """Those of them that exist."""

    async def keep(self, responses: Sequence[Kept]) -> Stored:
        """Store those that are not there yet; gives what is stored now under each id."""

    async def last_before(self, turns: Mapping[str, int]) -> Stored:
        """Of tickets, by ticket id, the last response to a message before this turn."""


@dataclass(frozen=True, slots=True)
class Release:
    """A person gave the ticket back after our response to this turn of it; `event_id` said so.

    By turns and not by the clock: reports tell time in seconds, and of another machine.
    """

    event_id: str
    ticket_id: str
    turn: int


class Releases(Protocol):
    """What persons gave back. All raise TemporaryError."""

    async def record(self, releases: Sequence[Release]) -> None:
        """Store those that are not there yet; the same event again changes nothing."""

    async def of(self, ticket_ids: Sequence[str]) -> Mapping[str, int]:
        """The last turn that was given back, of those of which one ever was."""


class Reviews(Protocol):
    """The verdict on every draft: the first one counts. All raise TemporaryError."""

    async def first(self, verdicts: Mapping[str, str]) -> Mapping[str, str]:
        """Store, by response id, the id of the event that has the verdict, unless there is one;
        gives what is stored now."""


class Steps(Protocol):
    """What messages came to, as far as actions go. All raise TemporaryError."""

    async def before(self, turns: Mapping[str, int]) -> Mapping[str, tuple[Step, ...]]:
        """By ticket id the steps before this turn of it, in order."""

    async def of(self, response_ids: Sequence[str]) -> Mapping[str, Step]:
        """By response id."""

    async def keep(self, steps: Sequence[Step]) -> None:
        """Store those that are not there yet."""


class Actions(Protocol):
    """Carries out orders, each once. Raises TemporaryError without its store."""

    async def run(self, orders: Sequence[Order]) -> list[Result]:
        """The result of each, in their order."""


class State(Protocol):
    """The current policy and knowledge, as the control events told them. Older never wins."""

    async def policy(self) -> PolicyUpdated | None: ...

    async def save_policy(self, policy: PolicyUpdated) -> None: ...

    async def knowledge(self) -> KnowledgeUpdated | None: ...

    async def save_knowledge(self, knowledge: KnowledgeUpdated) -> None: ...


class KnowledgeSource(Protocol):
    """Where knowledge bases come from. Blocking."""

    def load(self, version: str | None) -> KnowledgeBase:
        """This version, or the newest. Raises TemporaryError when it is not there (yet)."""


class Encoder(Protocol):
    """Turns texts into sentence vectors. Blocking; called from one thread at a time."""

    def encode(self, texts: Sequence[str], name: str, version: str) -> NDArray[np.float32]:
        """Vectors [texts, width] of messages by this encoder. Raises TemporaryError without it."""
