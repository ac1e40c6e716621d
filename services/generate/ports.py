"""What generate needs from outside."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.generate.knowledge_base import KnowledgeBase
from shared.envelope import Event
from shared.events import KnowledgeUpdated, PolicyUpdated, ResponseGenerated

Stored = Mapping[str, Event[ResponseGenerated]]
"""Responses by their id, exactly as they were first published."""


class Responses(Protocol):
    """Every response ever made; a response is written once."""

    async def find(self, response_ids: Sequence[str]) -> Stored:
        """Those of them that exist."""

    async def keep(self, responses: Sequence[Event[ResponseGenerated]]) -> Stored:
        """Store those that are not there yet; gives what is stored now under each id."""


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
