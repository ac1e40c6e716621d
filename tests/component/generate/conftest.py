"""A database of the test's own, a small knowledge base in force, and the company behind it."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from deploy.backoffice.app import application
from deploy.backoffice.books import Books
from deploy.backoffice.faults import Faults
from services.generate.actions.backoffice import HttpBackOffice
from services.generate.current import Current
from services.generate.domain.actions.catalogue import Catalogue
from services.generate.domain.actions.parsing import parse
from services.generate.domain.policy import Policy
from services.generate.settings import Settings
from shared.mongo import Mongo
from tests.component.generate.company import Company
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


@pytest.fixture
def catalogue() -> Catalogue:
    return parse(Settings().actions.read_text("utf-8"))


@pytest.fixture
async def company(
    mongo: Mongo, current: Current, catalogue: Catalogue, tmp_path: Path
) -> AsyncIterator[Company]:
    async with TestServer(application(Books(tmp_path / "books.sqlite"), Faults())) as server:
        url = str(server.make_url("/")).rstrip("/")
        office = HttpBackOffice(url)
        yield Company(mongo, current, catalogue, office, url)
        await office.close()
