"""A stage of its own for every test that kills things."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.runtime import start
from tests.integration.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with start(tmp_path / "runtime", say=print) as runtime:
        stage = Stage(runtime, tmp_path)
        try:
            yield stage
        finally:
            stage.close()
