"""A database of the test's own, with feedback's indexes."""

from collections.abc import AsyncIterator

import pytest

from shared.mongo import Mongo
from tests.component.feedback.kit import database


@pytest.fixture
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    async with database(mongo_url) as mongo:
        yield mongo
