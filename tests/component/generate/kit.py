"""Generate's handler over the real database, as one process has it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from services.generate.actions.executor import BackOffice, Executor, Patience
from services.generate.actions.mongo import MongoResults, MongoSteps
from services.generate.bodies import Bodies, GuardedWriter
from services.generate.breaker import Breaker
from services.generate.current import Current
from services.generate.deciding import Decider
from services.generate.domain.actions.answers import Answer
from services.generate.domain.actions.catalogue import Catalogue
from services.generate.domain.actions.orders import Order
from services.generate.domain.policy import Margins
from services.generate.handlers import GenerateHandler, PeopleHandler, Stores
from services.generate.main import QUEUES, read_queues
from services.generate.mongo import MongoReleases, MongoResponses, MongoReviews
from services.generate.ports import Encoder
from services.generate.reviews import ReviewDesk
from services.generate.seals import Seals
from services.generate.writing import Scribe
from shared import topics
from shared.envelope import Event
from shared.events import ResponseGenerated
from shared.mongo import Mongo
from shared.outcome import Outcome
from shared.sealing import KeyRing
from tests.unit.generate.kit import NOON, WordEncoder

NO_ACTIONS, MARGINS = Catalogue(), Margins()
RING = KeyRing({"k1": b"1" * 32})
OTHER_RING = KeyRing({"k2": b"2" * 32})


class Clock:
    """Later at every look, so that anything made twice would differ."""

    def __init__(self) -> None:
        self.time = NOON + timedelta(milliseconds=50)

    def __call__(self) -> datetime:
        self.time += timedelta(milliseconds=1.003)
        return self.time


class Nobody:
    """No back office: nothing must be sent to it."""

    async def carry_out(self, order: Order) -> Answer:
        raise AssertionError(f"{order.action} was sent")


def stores_of(mongo: Mongo) -> Stores:
    return Stores(
        MongoResponses(mongo), MongoReleases(mongo), MongoReviews(mongo), MongoSteps(mongo)
    )


def handler_over(
    mongo: Mongo,
    current: Current,
    seals: KeyRing = RING,
    encoder: Encoder | None = None,
    *,
    catalogue: Catalogue = NO_ACTIONS,
    back_office: BackOffice | None = None,
    margins: Margins = MARGINS,
    agent_language: str = "auto",
    writer: GuardedWriter | None = None,
    now: Callable[[], datetime] | None = None,
) -> GenerateHandler:
    return GenerateHandler(
        stores_of(mongo),
        executor_of(mongo, back_office),
        decider=Decider(encoder or WordEncoder(), catalogue, margins),
        bodies=Bodies(writer),
        scribe=Scribe(read_queues(QUEUES), agent_language),
        seals=Seals(seals),
        current=current,
        now=now or Clock(),
    )


def people_over(
    mongo: Mongo,
    *,
    catalogue: Catalogue = NO_ACTIONS,
    back_office: BackOffice | None = None,
    now: Callable[[], datetime] | None = None,
) -> PeopleHandler:
    stores = stores_of(mongo)
    desk = ReviewDesk(
        stores.responses,
        stores.reviews,
        stores.steps,
        actions=executor_of(mongo, back_office),
        catalogue=catalogue,
        seals=Seals(RING),
        now=now or Clock(),
    )
    return PeopleHandler(stores.responses, stores.releases, desk)


def executor_of(mongo: Mongo, back_office: BackOffice | None) -> Executor:
    return Executor(MongoResults(mongo), back_office or Nobody(), Patience(), Breaker())


def published(outcome: Outcome) -> tuple[Event[ResponseGenerated], Event[ResponseGenerated]]:
    """The response for the upstream and the copy for the loop."""
    assert outcome.error is None
    ready, kept = outcome.publish
    assert (ready.topic, kept.topic) == (topics.RESPONSES, topics.FEEDBACK)
    return ready.event, kept.event  # type: ignore[return-value]


def sent(outcomes: Sequence[Outcome]) -> list[ResponseGenerated]:
    """What the upstream gets."""
    return [published(outcome)[0].data for outcome in outcomes]
