"""Wires classify together: settings -> model, catalogue -> handler -> run."""

import sys

from services.classify.catalogue import CatalogueError, read_catalogue
from services.classify.control import Served
from services.classify.encoder import StoredModels
from services.classify.handlers import ClassifyHandler
from services.classify.mongo import MongoState
from services.classify.settings import ClassifySettings
from services.classify.understanding import Understander
from shared.events import ModelPromoted, TicketAccepted
from shared.follower import Follower
from shared.modelstore import ModelStore
from shared.mongo import Mongo, MongoOffsets
from shared.topics import CLASSIFY
from shared.worker import Worker


def build(settings: ClassifySettings) -> Worker:
    """The worker, connected to nothing yet. Raises CatalogueError."""
    worker = Worker("classify", settings)
    mongo = Mongo(settings.mongo_url, "classify")
    models = StoredModels(
        ModelStore(settings.model_store),
        settings.model_cache,
        threads=settings.encoder_threads,
        evidence_words=settings.evidence_words,
        backend=settings.encoder_backend,
    )
    served = Served(models, MongoState(mongo), settings.classifier_version)
    catalogue = read_catalogue(settings.catalogue)
    handler = ClassifyHandler(Understander(served.model, catalogue), worker.now)
    worker.on_close(mongo.close)
    worker.rely_on("the database", mongo.reach)
    worker.prepare("the classifier", served.restore)
    worker.follow(
        Follower(settings, (ModelPromoted,), served.apply, MongoOffsets(mongo), worker.now)
    )
    worker.subscribe(CLASSIFY, handler.classify, (TicketAccepted,))
    return worker


def main() -> int:
    """Runs one process of classify; returns its exit code."""
    try:
        worker = build(ClassifySettings())
    except CatalogueError as error:
        sys.stderr.write(f"classify cannot start: {error}\n")
        return 1
    return worker.run()
