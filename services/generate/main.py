"""Composition root of the generate worker."""

import sys
import tomllib
from pathlib import Path

from services.generate.control import Control
from services.generate.current import Current
from services.generate.domain.decision import Policy
from services.generate.domain.handover import Queues
from services.generate.encoder import LazyEncoder
from services.generate.handlers import GenerateHandler
from services.generate.knowledge_source import StoredKnowledge
from services.generate.mongo import MongoResponses, MongoState
from services.generate.settings import Settings
from shared import topics
from shared.events import KnowledgeUpdated, PolicyUpdated, TicketPersonalized
from shared.follower import Follower
from shared.modelstore import ModelStore
from shared.mongo import Mongo, MongoOffsets
from shared.sealing import KeyRing
from shared.worker import Worker, utc_now

QUEUES = Path(__file__).with_name("queues.toml")


def main() -> int:
    settings = Settings()
    try:
        seals = KeyRing.parse(settings.sealing_keys.get_secret_value())
    except ValueError as error:
        sys.stderr.write(f"generate cannot start: SEALING_KEYS as in ingest are needed: {error}\n")
        return 1
    worker = Worker("generate", settings)
    mongo = Mongo(settings.mongo_url, "generate")
    store = ModelStore(settings.model_store)
    current = Current(Policy(0, settings.answer_threshold))
    control = Control(MongoState(mongo), StoredKnowledge(store, settings.model_cache), current)
    handler = GenerateHandler(
        MongoResponses(mongo),
        LazyEncoder(store, settings.model_cache, settings.encoder_threads),
        seals,
        current,
        queues=read_queues(QUEUES),
        now=utc_now,
    )
    worker.on_close(mongo.close)
    worker.prepare("the database", mongo.reach)
    worker.prepare("the knowledge", control.restore)
    worker.follow(
        Follower(
            settings,
            (PolicyUpdated, KnowledgeUpdated),
            control.apply,
            MongoOffsets(mongo),
            utc_now,
        )
    )
    worker.subscribe(topics.GENERATE, handler.respond, handles=(TicketPersonalized,))
    return worker.run()


def read_queues(path: Path) -> Queues:
    """Which team takes over, as the file says."""
    content = tomllib.loads(path.read_text("utf-8"))
    return Queues(content["default"], content["queues"])
