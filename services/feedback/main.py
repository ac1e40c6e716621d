"""Composition root of feedback."""

from datetime import timedelta

from services.feedback.domain.choosing.weights import Slot
from services.feedback.domain.definitions import WINDOW
from services.feedback.domain.learning.watch import Watch
from services.feedback.erasing import Forgetting
from services.feedback.handlers import FeedbackHandler
from services.feedback.messages.mongo import MongoChoices, MongoMessages, MongoTrainings
from services.feedback.mongo import MongoHistories, MongoOutcomes, MongoPromotions
from services.feedback.policy.choices import Choosing, Learning
from services.feedback.policy.mongo import MongoPolicies
from services.feedback.policy.tuner import Tuner
from services.feedback.promotions import LoopHandler, Watcher
from services.feedback.quality.gauges import Gauges
from services.feedback.settings import Settings
from shared import topics
from shared.erasing import AGAIN_SECONDS, Eraser
from shared.events import (
    CustomerErased,
    FeedbackRated,
    LabelCorrected,
    ModelPromoted,
    ResponseGenerated,
    ResponseReviewed,
    TicketReopened,
    TicketResolved,
)
from shared.mongo import Mongo, MongoErasures
from shared.periodic import repeat
from shared.worker import Worker

SLOTS = {
    "tone": ("formal", "friendly"),
    "offer": ("first", "second"),
    "passage": ("first", "second"),
}
"""The options of each slot, as generate knows them; the usual one first."""


def main() -> int:
    settings = Settings()
    worker = Worker("feedback", settings)
    mongo = Mongo(settings.mongo_url, "feedback")
    histories = MongoHistories(mongo, settings.outcomes_kept)
    outcomes, policies = MongoOutcomes(mongo, settings.outcomes_kept), MongoPolicies(mongo)
    messages = MongoMessages(mongo, settings.messages_kept)
    handler = FeedbackHandler(histories, outcomes, messages)
    marks = MongoErasures(mongo)
    eraser = Eraser(marks, Forgetting(histories, outcomes, messages).forget)
    tuner = Tuner(
        outcomes,
        policies,
        worker.publisher,
        promise=settings.promise,
        evidence_per_intent=settings.policy_evidence_per_intent,
        now=worker.now,
        choosing=Choosing(
            MongoChoices(mongo, worker.now),
            policies,
            [Slot(name, SLOTS[name]) for name in settings.choices],
            Learning(),
        ),
    )
    promotions = MongoPromotions(mongo)
    watcher = Watcher(
        promotions,
        outcomes,
        worker.publisher,
        Watch(settings.watch_delta, settings.watch_margin),
        settled=lambda: worker.now() - WINDOW,
        now=worker.now,
    )
    window = timedelta(days=settings.quality_days)
    gauges = Gauges(
        outcomes,
        policies,
        MongoTrainings(mongo),
        settings.promise,
        window,
        now=worker.now,
        orphan_after=timedelta(hours=settings.orphan_hours),
    )
    worker.rely_on("the database", mongo.reach)
    worker.prepare("the index of tickets", histories.create_indexes)
    worker.prepare("the indexes of outcomes", outcomes.create_indexes)
    worker.prepare("the indexes of messages", messages.create_indexes)
    worker.prepare("the index of erasures", marks.create_indexes)
    worker.on_close(mongo.close)
    worker.subscribe(
        topics.FEEDBACK,
        eraser.beside(LoopHandler(promotions, handler.record).record),
        handles=(
            ModelPromoted,
            ResponseGenerated,
            FeedbackRated,
            ResponseReviewed,
            TicketResolved,
            TicketReopened,
            LabelCorrected,
            CustomerErased,
        ),
    )
    interval = settings.policy_interval_seconds
    worker.lead("policy", lambda: repeat(interval, tuner.run_once, watcher.run_once))
    worker.lead("erasures", lambda: repeat(AGAIN_SECONDS, eraser.again))
    worker.lead("quality", lambda: repeat(interval, gauges.refresh), gauges.clear)
    return worker.run()
