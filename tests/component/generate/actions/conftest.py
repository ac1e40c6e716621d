"""A back office, and a memory of results: in this process, or in the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.generate.actions.executor import Results
from services.generate.actions.mongo import MongoResults
from tests.component.generate.actions.kit import MemoryResults, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    office.start()
    yield office
    office.kill()


@pytest.fixture(params=["memory", pytest.param("database", marks=pytest.mark.slow)])
def results(request: pytest.FixtureRequest) -> Results:
    if request.param == "memory":
        return MemoryResults()
    return MongoResults(request.getfixturevalue("mongo"))
