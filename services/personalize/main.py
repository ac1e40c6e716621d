"""Composition root of personalize."""

import sys

from services.personalize.control import Served
from services.personalize.enrichment import Enrichment
from services.personalize.handlers import PersonalizeHandler
from services.personalize.mongo import MongoProfiles, MongoState
from services.personalize.plans_file import PlansError, read_plans
from services.personalize.population import KnownPopulation
from services.personalize.recorder import Recorder
from services.personalize.settings import Settings
from services.personalize.stored_models import StoredModels
from shared import topics
from shared.events import (
    CustomerErased,
    FeedbackRated,
    InteractionRecorded,
    ModelPromoted,
    TicketClassified,
    TicketReopened,
    TicketResolved,
)
from shared.follower import Follower
from shared.modelstore import ModelStore
from shared.mongo import Mongo, MongoOffsets
from shared.worker import Worker


def build(settings: Settings) -> Worker:
    """The worker, connected to nothing yet. Raises PlansError."""
    plans = read_plans(settings.plans)
    worker = Worker("personalize", settings)
    mongo = Mongo(settings.mongo_url, "personalize")
    profiles = MongoProfiles(mongo)
    models = StoredModels(
        ModelStore(settings.model_store),
        settings.model_cache,
        recommendations=settings.serve_recommender,
        behaviour=settings.serve_behaviour,
    )
    served = Served(models, MongoState(mongo))
    known = KnownPopulation(profiles, settings.population_customers, worker.now)
    enrichment = Enrichment(served.models, known.population, plans, settings.rules)
    handler = PersonalizeHandler(Recorder(profiles, enrichment), profiles, enrichment, worker.now)
    worker.rely_on("the database", mongo.reach)
    worker.prepare("the indexes", profiles.create_indexes)
    worker.prepare("the models", served.restore)
    worker.on_close(mongo.close)
    worker.follow(
        Follower(settings, (ModelPromoted,), served.apply, MongoOffsets(mongo), worker.now)
    )
    worker.background(
        "the population", lambda: known.keep_fresh(settings.population_interval_seconds)
    )
    worker.subscribe(topics.PERSONALIZE, handler.personalize, handles=(TicketClassified,))
    worker.subscribe(
        topics.FEEDBACK,
        handler.learn,
        handles=(
            InteractionRecorded,
            FeedbackRated,
            TicketResolved,
            TicketReopened,
            CustomerErased,
        ),
    )
    return worker


def main() -> int:
    """Runs one process of personalize; returns its exit code."""
    try:
        worker = build(Settings())
    except PlansError as error:
        sys.stderr.write(f"personalize cannot start: {error}\n")
        return 1
    return worker.run()
