"""Which models are served: the promoted ones, swapped between waves."""

import asyncio
from typing import Any

from services.personalize import metrics
from services.personalize.models import Models
from services.personalize.ports import ModelSource, State
from shared import log
from shared.envelope import Event
from shared.errors import TemporaryError
from shared.events import ModelPromoted

logger = log.get(__name__)

HOW_TO_MAKE = "`make train-recommender` and `make train-behaviour` make them"


class Served:
    """The models of this process. A wave takes them once, so that it is served by the same."""

    def __init__(self, source: ModelSource, state: State) -> None:
        self._source = source
        self._state = state
        self._models = Models()

    def models(self) -> Models:
        """Those in force now; there may be none."""
        return self._models

    async def restore(self) -> None:
        """Load what was promoted, else the newest of each. Without any the worker goes on: tickets
        do not wait for recommendations. Raises TemporaryError when a store does not answer."""
        promoted = await self._state.promoted()
        stored = await asyncio.to_thread(self._source.names)
        names = {*stored, *(name for name in promoted if self._source.wants(name))}
        for name in sorted(names):
            told = promoted.get(name)
            if told is not None and await self._loads(name, told.version):
                continue
            await self._loads(name, None)
        if self._models == Models():
            logger.info("no models to serve", how=HOW_TO_MAKE)

    async def apply(self, event: Event[Any]) -> None:
        """Serve a promoted model from the next wave on. One that is not usable is refused."""
        told: ModelPromoted = event.data
        if not self._source.wants(told.name):
            return
        known = (await self._state.promoted()).get(told.name)
        if known is not None and known.promoted_at > told.promoted_at:
            return
        if await self._loads(told.name, told.version):
            await self._state.save_promoted(told)

    async def _loads(self, name: str, version: str | None) -> bool:
        """Whether it could be loaded; otherwise what is served goes on."""
        try:
            chosen, model = await asyncio.to_thread(self._source.load, name, version)
        except TemporaryError as error:
            logger.error("model refused, the old one goes on", name=name, why=str(error))
            metrics.REFUSED.inc()
            return False
        self._models = self._models.with_model(name, chosen, model)
        metrics.MODEL.labels(name).info({"version": chosen})
        logger.info("model loaded", name=name, version=chosen)
        return True
