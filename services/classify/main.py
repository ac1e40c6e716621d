"""Wires classify together: settings -> model -> handler -> run."""

import asyncio

from services.classify.encoder import StoredModel, load_model
from services.classify.handlers import ClassifyHandler
from services.classify.settings import ClassifySettings
from shared.errors import TemporaryError
from shared.events import TicketAccepted
from shared.modelstore import ModelStore
from shared.topics import CLASSIFY
from shared.worker import Worker, utc_now


class Served:
    """The model this process serves, once it is loaded and warm."""

    def __init__(self, settings: ClassifySettings) -> None:
        self._settings = settings
        self._model: StoredModel | None = None

    async def load(self) -> None:
        """Raises TemporaryError as long as the store has no classifier."""
        settings = self._settings
        self._model = await asyncio.to_thread(
            lambda: load_model(
                ModelStore(settings.model_store),
                settings.model_cache,
                settings.classifier_version,
                settings.encoder_threads,
            )
        )

    def model(self) -> StoredModel:
        if self._model is None:
            raise TemporaryError("the classifier is not loaded")
        return self._model


def build(settings: ClassifySettings) -> Worker:
    """The worker, connected to nothing yet."""
    worker = Worker("classify", settings)
    served = Served(settings)
    handler = ClassifyHandler(served.model, utc_now)
    worker.prepare("the classifier", served.load)
    worker.subscribe(CLASSIFY, handler.classify, (TicketAccepted,))
    return worker


def main() -> int:
    """Runs one process of classify; returns its exit code."""
    return build(ClassifySettings()).run()
