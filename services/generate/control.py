"""Control events: a new policy or a new knowledge base is in force from the next wave on."""

import asyncio
from typing import Any

from services.generate.current import Current
from services.generate.domain.policy import Policy
from services.generate.ports import KnowledgeSource, State
from shared import log
from shared.envelope import Event
from shared.errors import TemporaryError
from shared.events import KnowledgeUpdated, PolicyUpdated

logger = log.get(__name__)


class Control:
    """Stores and takes over what the feedback topic says of policy and knowledge."""

    def __init__(self, state: State, source: KnowledgeSource, current: Current) -> None:
        self._state = state
        self._source = source
        self._current = current

    async def restore(self) -> None:
        """Take over what is stored. Raises TemporaryError while there is no knowledge to load.

        A knowledge base that is named but no longer in the store gives way to the newest there is.
        """
        policy = await self._state.policy()
        if policy is not None:
            self._current.take_policy(_policy_of(policy))
        told = await self._state.knowledge()
        if told is not None:
            try:
                return await self._load(told.version)
            except TemporaryError as error:
                logger.warning("taking the newest knowledge instead", why=str(error))
        await self._load(None)

    async def apply(self, event: Event[Any]) -> None:
        """Take over a policy or a knowledge base. The same or an older one changes nothing."""
        if isinstance(event.data, PolicyUpdated):
            await self._state.save_policy(event.data)
            self._current.take_policy(_policy_of(event.data))
        elif isinstance(event.data, KnowledgeUpdated):
            await self._take_knowledge(event.data)

    async def _take_knowledge(self, update: KnowledgeUpdated) -> None:
        told = await self._state.knowledge()
        if told is not None and told.updated_at > update.updated_at:
            return
        try:
            await self._load(update.version)
        except TemporaryError as error:
            # Waiting for it would hold up the policies that come after it.
            logger.error("new knowledge is not usable, staying with the old", why=str(error))
            return
        await self._state.save_knowledge(update)

    async def _load(self, version: str | None) -> None:
        knowledge = await asyncio.to_thread(self._source.load, version)
        self._current.take_knowledge(knowledge)
        logger.info("knowledge loaded", version=knowledge.version, entries=knowledge.size)


def _policy_of(told: PolicyUpdated) -> Policy:
    choices = {(one.slot, one.context): dict(one.weights) for one in told.choices}
    return Policy(told.version, told.default_threshold, dict(told.thresholds), choices)
