"""How messages are read in these tests: as in production, with the default settings."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.ingest.domain.reading import Message, Read, Rules, read
from services.ingest.domain.threads import Thread
from services.ingest.main import rules_of
from services.ingest.settings import Settings

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def rules() -> Rules:
    return rules_of(Settings())


@pytest.fixture
def reading(rules: Rules) -> Callable[..., Read]:
    """Reads a body, by default as the first of its ticket; fingerprints are the originals."""

    def take(body: str, *, thread: Thread | None = None, **fields: Any) -> Read:
        message = Message(fields.pop("subject", None), body, **fields)
        return read(message, thread or Thread(), rules, fingerprint=str, now=NOON)

    return take
