"""A stage for every test that kills things: the run's Kafka and database, with nothing in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.runtime import Runtime
from tests.integration.stage import Stage


@pytest.fixture
def stage(runtime: Runtime, tmp_path: Path) -> Iterator[Stage]:
    # Up again what a test took away and, failing, did not give back.
    runtime.start()
    stage = Stage(runtime, tmp_path)
    try:
        yield stage
    finally:
        stage.close()
