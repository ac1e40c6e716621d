"""Which model is served: the promoted one, swapped between batches."""

import asyncio
from typing import Any

from services.classify import artifact, metrics
from services.classify.ports import Model, Models, State
from shared import log
from shared.envelope import Event
from shared.errors import TemporaryError
from shared.events import ModelPromoted

logger = log.get(__name__)


class Served:
    """The model of this process. A wave takes it once, so that it is read by one model.

    `pinned` is a version that no promotion changes; empty follows promotions.
    """

    def __init__(self, models: Models, state: State, pinned: str = "") -> None:
        self._models = models
        self._state = state
        self._pinned = pinned
        self._model: Model | None = None

    def model(self) -> Model:
        """Raises TemporaryError before the first one is loaded."""
        if self._model is None:
            raise TemporaryError("the classifier is not loaded")
        return self._model

    async def restore(self) -> None:
        """Load what is pinned or was promoted, else the newest. Raises TemporaryError."""
        promoted = None if self._pinned else await self._state.promoted()
        if promoted is not None:
            try:
                return await self._load(promoted.version)
            except TemporaryError as error:
                logger.warning("taking the newest classifier instead", why=str(error))
        await self._load(self._pinned or None)

    async def apply(self, event: Event[Any]) -> None:
        """Serve a promoted classifier from the next wave on. One that is not usable is refused."""
        told: ModelPromoted = event.data
        if told.name != artifact.NAME or self._pinned:
            return
        known = await self._state.promoted()
        if known is not None and known.promoted_at > told.promoted_at:
            return
        try:
            await self._load(told.version)
        except TemporaryError as error:
            logger.error("promoted classifier refused, the old one goes on", why=str(error))
            metrics.REFUSED.inc()
            return
        await self._state.save_promoted(told)

    async def _load(self, version: str | None) -> None:
        model = await asyncio.to_thread(self._models.load, version)
        self._model = model
        metrics.VERSION.info({"version": model.version})
        logger.info("classifier loaded", version=model.version)
