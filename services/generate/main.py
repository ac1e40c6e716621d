"""Composition root of the generate worker."""

import sys
import tomllib
from pathlib import Path

from services.generate import metrics
from services.generate.actions.backoffice import HttpBackOffice
from services.generate.actions.executor import Executor, Patience
from services.generate.actions.mongo import MongoResults, MongoSteps
from services.generate.bodies import Bodies
from services.generate.breaker import Breaker
from services.generate.control import Control
from services.generate.current import Current
from services.generate.deciding import Decider
from services.generate.domain.actions.catalogue import Catalogue, CatalogueError
from services.generate.domain.actions.parsing import parse
from services.generate.domain.handover import Queues
from services.generate.domain.policy import Margins, Policy
from services.generate.encoder import LazyEncoder
from services.generate.erasing import Forgetting
from services.generate.handlers import GenerateHandler, PeopleHandler, Stores
from services.generate.knowledge_source import StoredKnowledge
from services.generate.language_model import language_model
from services.generate.llm.settings import LlmSettings
from services.generate.mongo import (
    MongoReleases,
    MongoResponses,
    MongoReviews,
    MongoSpent,
    MongoState,
)
from services.generate.reviews import ReviewDesk
from services.generate.seals import Seals
from services.generate.settings import Settings
from services.generate.writing import Scribe
from shared import topics
from shared.erasing import AGAIN_SECONDS, Eraser
from shared.errors import FatalError
from shared.events import (
    CustomerErased,
    KnowledgeUpdated,
    PolicyUpdated,
    ResponseReviewed,
    TicketPersonalized,
    TicketReleased,
)
from shared.follower import Follower
from shared.modelstore import ModelStore
from shared.mongo import Mongo, MongoErasures, MongoOffsets
from shared.periodic import repeat
from shared.sealing import KeyRing
from shared.worker import Worker

QUEUES = Path(__file__).with_name("queues.toml")


def main() -> int:
    settings = Settings()
    try:
        seals, catalogue, back_office = seals_of(settings), catalogue_of(settings), office(settings)
    except FatalError as error:
        return refused(error)
    worker = Worker("generate", settings)
    mongo = Mongo(settings.mongo_url, "generate")
    try:
        writer = language_model(LlmSettings(), worker, MongoSpent(mongo))
    except FatalError as error:
        return refused(error)
    store = ModelStore(settings.model_store)
    current = Current(Policy(0, settings.answer_threshold))
    control = Control(MongoState(mongo), StoredKnowledge(store, settings.model_cache), current)
    kept = settings.responses_kept
    responses, releases = MongoResponses(mongo, kept), MongoReleases(mongo, kept)
    verdicts, steps = MongoReviews(mongo, kept), MongoSteps(mongo, kept)
    results = MongoResults(mongo)
    stores = Stores(responses, releases, verdicts, steps)
    circuit = Breaker(changed=metrics.show_back_office)
    metrics.show_back_office(circuit.state)
    actions = Executor(results, back_office, Patience(), circuit)
    encoder = LazyEncoder(store, settings.model_cache, settings.encoder_threads)
    handler = GenerateHandler(
        stores,
        actions,
        decider=Decider(encoder, catalogue, margins_of(settings)),
        bodies=Bodies(writer),
        scribe=Scribe(read_queues(QUEUES), settings.agent_language),
        seals=seals,
        current=current,
        now=worker.now,
    )
    reviews = ReviewDesk(
        responses,
        stores.reviews,
        steps,
        actions=actions,
        catalogue=catalogue,
        seals=seals,
        now=worker.now,
    )
    people = PeopleHandler(responses, releases, reviews)
    marks = MongoErasures(mongo)
    eraser = Eraser(marks, Forgetting(responses, steps, results).forget)
    worker.on_close(back_office.close)
    worker.on_close(mongo.close)
    worker.rely_on("the database", mongo.reach)
    for stored in (responses, releases, verdicts, steps, results, marks):
        worker.prepare("the indexes", stored.create_indexes)
    worker.prepare("the knowledge", control.restore)
    worker.follow(
        Follower(
            settings,
            (PolicyUpdated, KnowledgeUpdated),
            control.apply,
            MongoOffsets(mongo),
            worker.now,
        )
    )
    worker.subscribe(topics.GENERATE, handler.respond, handles=(TicketPersonalized,))
    worker.subscribe(
        topics.FEEDBACK,
        eraser.beside(people.learn),
        handles=(ResponseReviewed, TicketReleased, CustomerErased),
    )
    worker.lead("erasures", lambda: repeat(AGAIN_SECONDS, eraser.again))
    return worker.run()


def refused(error: FatalError) -> int:
    """Says what to mend; the exit code."""
    sys.stderr.write(f"generate cannot start: {error}\n")
    return 1


def seals_of(settings: Settings) -> Seals:
    """Raises FatalError without the key ring."""
    try:
        return Seals(KeyRing.parse(settings.sealing_keys.get_secret_value()))
    except ValueError as error:
        raise FatalError(f"SEALING_KEYS as in ingest are needed: {error}") from None


def catalogue_of(settings: Settings) -> Catalogue:
    """The actions there are: none without a back office. Raises FatalError for a bad file."""
    if not settings.back_office_url:
        return Catalogue()
    try:
        return parse(settings.actions.read_text("utf-8"))
    except (OSError, CatalogueError) as error:
        raise FatalError(f"ACTIONS, the catalogue {settings.actions}: {error}") from None


def office(settings: Settings) -> HttpBackOffice:
    """The company's systems. Raises FatalError for an address that is none."""
    # Nothing is ever sent where there is no address: the catalogue is empty then.
    base = settings.back_office_url or "http://unset.invalid"
    try:
        return HttpBackOffice(
            base,
            seconds=settings.back_office_seconds,
            token=settings.back_office_token.get_secret_value() or None,
        )
    except ValueError as error:
        raise FatalError(f"BACK_OFFICE_URL: {error}") from None


def margins_of(settings: Settings) -> Margins:
    return Margins(settings.draft_threshold, settings.exploration)


def read_queues(path: Path) -> Queues:
    """Which team takes over, as the file says."""
    content = tomllib.loads(path.read_text("utf-8"))
    return Queues(content["default"], content["queues"])
