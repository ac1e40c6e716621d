"""Composition root of personalize."""

from services.personalize.handlers import PersonalizeHandler
from services.personalize.mongo import MongoProfiles
from services.personalize.recorder import Recorder
from services.personalize.settings import Settings
from shared import topics
from shared.events import CustomerErased, FeedbackRated, InteractionRecorded, TicketClassified
from shared.mongo import Mongo
from shared.worker import Worker, utc_now


def main() -> int:
    settings = Settings()
    worker = Worker("personalize", settings)
    mongo = Mongo(settings.mongo_url, "personalize")
    profiles = MongoProfiles(mongo)
    handler = PersonalizeHandler(Recorder(profiles), profiles, now=utc_now)
    worker.prepare("the database", mongo.reach)
    worker.prepare("the indexes", profiles.create_indexes)
    worker.on_close(mongo.close)
    worker.subscribe(topics.PERSONALIZE, handler.personalize, handles=(TicketClassified,))
    worker.subscribe(
        topics.FEEDBACK,
        handler.learn,
        handles=(InteractionRecorded, FeedbackRated, CustomerErased),
    )
    return worker.run()
