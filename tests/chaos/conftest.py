"""The whole system, to be broken."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.system import System
from tests.e2e.home import prepared
from tests.e2e.wire import Wire

pytest.register_assert_rewrite("tests.chaos.stream", "tests.chaos.arena", "tests.chaos.faults")


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """Kafka, database and five workers of a test's own. Small batches: more to be broken off."""
    hasty = {"BATCH_MAX_RECORDS": "50", "SESSION_TIMEOUT_MS": "6000"}
    with System(tmp_path, prepared(), print, hasty) as started:
        yield started


@pytest.fixture
def wire(system: System) -> Wire:
    return Wire(system.runtime.endpoints.kafka)
