"""A handler over the real database."""

import uuid
from collections.abc import AsyncIterator

import pytest

from services.ingest.domain.reading import Rules
from services.ingest.handlers import IngestHandler
from services.ingest.main import rules_of
from services.ingest.mongo import MongoMessages, MongoReports
from services.ingest.settings import Settings
from shared.mongo import Mongo
from tests.component.ingest.kit import (
    REMEMBER,
    WINDOW,
    process,
)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_of(Settings())


@pytest.fixture
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    mongo = Mongo(mongo_url, f"ingest_{uuid.uuid4().hex}")
    await MongoMessages(mongo, REMEMBER, WINDOW).create_indexes()
    await MongoReports(mongo, REMEMBER).create_indexes()
    yield mongo
    await mongo.database.client.drop_database(mongo.database.name)
    await mongo.close()


@pytest.fixture
def handler(mongo: Mongo, rules: Rules) -> IngestHandler:
    return process(MongoMessages(mongo, REMEMBER, WINDOW), mongo, rules)
