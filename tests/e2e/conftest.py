"""The whole system, up for all tests of this folder."""

from collections.abc import Iterator

import pytest

from deploy.system import System
from tests.e2e.home import prepared
from tests.e2e.wire import Wire


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Kafka, database and five workers. Its tests take ticket ids of their own and leave all up."""
    quickly = {"POLICY_INTERVAL_SECONDS": "1", "SESSION_TIMEOUT_MS": "6000"}
    with System(tmp_path_factory.mktemp("system"), prepared(), print, quickly) as started:
        yield started


@pytest.fixture
def wire(system: System) -> Wire:
    return Wire(system.runtime.endpoints.kafka)
