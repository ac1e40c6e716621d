"""What feedback stored expires, so long after the last that was said of it."""

from datetime import UTC, datetime, timedelta

from services.feedback.messages.mongo import MongoMessages
from services.feedback.mongo import MongoHistories, MongoOutcomes
from services.feedback.retention import KEPT
from shared.events import FeedbackRated
from shared.mongo import Mongo
from tests.component.expiring import Store, check_earlier_documents, check_written, expiries
from tests.component.feedback.kit import at, handler, told
from tests.component.feedback.test_feedback_messages import corrected, question

JUDGED = ("tickets", "outcomes", "waiting")
LEARNED = ("messages", "labels")
LONG = timedelta(days=3650)
"""The kit's messages are kept so long."""


async def test_the_database_removes_it(mongo: Mongo) -> None:
    kept = timedelta(days=500)
    judged: list[Store] = [MongoHistories(mongo, kept), MongoOutcomes(mongo, kept)]
    await check_earlier_documents(mongo, judged, JUDGED, kept)
    await check_earlier_documents(mongo, [MongoMessages(mongo, kept)], LEARNED, kept)


async def test_a_shorter_or_longer_time_is_taken_at_the_next_start(mongo: Mongo) -> None:
    for days in (90, 30, 180):
        await MongoMessages(mongo, timedelta(days=days)).create_indexes()
        await MongoOutcomes(mongo, timedelta(days=days)).create_indexes()


async def test_all_of_a_ticket_counts_from_when_it_was_stored(mongo: Mongo) -> None:
    events = [
        question(1),
        corrected(1, "refund", "a"),
        told(FeedbackRated(ticket_id="T-1", response_id="later", rating=1, occurred_at=at(3))),
    ]
    await check_written(mongo, JUDGED, KEPT, lambda: handler(mongo).record(events))
    await check_written(mongo, LEARNED, LONG, lambda: handler(mongo).record(events))


async def test_what_is_said_later_keeps_the_ticket_longer(mongo: Mongo) -> None:
    await handler(mongo).record([question(1)])
    soon = datetime.now(UTC) + timedelta(days=1)
    for name in ("tickets", "outcomes"):
        await mongo.database[name].update_many({}, {"$set": {"expires_at": soon}})
    rating = told(FeedbackRated(ticket_id="T-1", rating=1, occurred_at=at(3)))
    await handler(mongo).record([rating])
    for name in ("tickets", "outcomes"):
        (expires_at,) = (await expiries(mongo, name)).values()
        assert expires_at > soon + timedelta(days=300)
