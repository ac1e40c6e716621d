"""Feedback's handler over the real database, and the events it is told."""

import contextlib
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from services.feedback.domain.policy import Promise
from services.feedback.handlers import FeedbackHandler
from services.feedback.messages.mongo import MongoMessages
from services.feedback.mongo import MongoHistories, MongoOutcomes
from shared import topics
from shared.envelope import Event, encode
from shared.events import FeedbackRated, Payload
from shared.mongo import Mongo
from shared.topics import TopicCard
from tests.unit.feedback.quality_kit import at, response, told

__all__ = [
    "PROMISE",
    "Heard",
    "Killed",
    "at",
    "database",
    "empty_database",
    "handler",
    "judged_badly",
    "messages",
    "response",
    "stored",
    "told",
    "verdicts",
]

PROMISE = Promise(alpha=0.1, delta=0.1, default_threshold=0.55)


class Heard:
    """What everybody heard on the feedback topic, in Kafka's own bytes."""

    def __init__(self) -> None:
        self.events: list[Event[Any]] = []

    async def publish(self, topic: TopicCard, *events: Event[Payload]) -> None:
        assert topic == topics.FEEDBACK
        self.events += events

    @property
    def contents(self) -> list[Any]:
        return [encode(event) for event in self.events]


class Killed(BaseException):
    """The process ends here: nothing after it is carried out, nothing catches it."""


@contextlib.asynccontextmanager
async def empty_database(url: str) -> AsyncIterator[Mongo]:
    mongo = Mongo(url, f"feedback_{uuid.uuid4().hex}")
    yield mongo
    await mongo.database.client.drop_database(mongo.database.name)
    await mongo.close()


@contextlib.asynccontextmanager
async def database(url: str) -> AsyncIterator[Mongo]:
    async with empty_database(url) as mongo:
        await MongoOutcomes(mongo).create_indexes()
        yield mongo


def handler(mongo: Mongo, outcomes: MongoOutcomes | None = None) -> FeedbackHandler:
    outcomes = outcomes or MongoOutcomes(mongo)
    return FeedbackHandler(MongoHistories(mongo), outcomes, messages(mongo))


def messages(mongo: Mongo) -> MongoMessages:
    return MongoMessages(mongo, timedelta(days=3650))


async def stored(mongo: Mongo, *names: str) -> dict[str, list[Any]]:
    wanted = names or ("tickets", "outcomes", "waiting", "policies", "state")
    return {name: await mongo.database[name].find().sort("_id").to_list(None) for name in wanted}


async def verdicts(mongo: Mongo) -> dict[str, str]:
    return {one["response_id"]: one["verdict"] for one in (await stored(mongo))["outcomes"]}


async def judged_badly(mongo: Mongo, *confidences: float, intent: str = "refund") -> None:
    for number, confidence in enumerate(confidences):
        ticket = f"{intent} {number}"
        await handler(mongo).record([response(number, ticket, confidence, intent)])
        rated = FeedbackRated(ticket_id=ticket, rating=1, occurred_at=at(number + 1))
        await handler(mongo).record([told(rated)])
