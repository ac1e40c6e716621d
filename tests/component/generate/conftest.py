"""A database of the test's own, and a small knowledge base in force."""

import uuid
from collections.abc import AsyncIterator

import pytest

from services.generate.current import Current
from services.generate.domain.policy import Policy
from shared.mongo import Mongo
from tests.unit.generate.kit import knowledge_of


@pytest.fixture
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    mongo = Mongo(mongo_url, f"generate_{uuid.uuid4().hex}")
    yield mongo
    await mongo.database.client.drop_database(mongo.database.name)
    await mongo.close()


@pytest.fixture
def current() -> Current:
    current = Current(Policy(0, 0.55))
    current.take_knowledge(knowledge_of())
    return current
