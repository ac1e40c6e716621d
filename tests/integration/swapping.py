"""Models that change while traffic runs, and what came of the tickets meanwhile."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.envelope import Event, decode, new_event
from shared.events import ModelPromoted, Payload
from tests.integration.samples import NOW
from tests.integration.stage import Stage, event_id

TICKETS = 600


def promotion(name: str, version: str, minutes: int) -> Event[Payload]:
    """That this version is in force from this minute on."""
    at = NOW + timedelta(minutes=minutes)
    promoted = ModelPromoted(name=name, version=version, promoted_at=at)
    return new_event(promoted, cause=f"{name} {version}", source="/careloop/feedback", now=at)


def spoil(store: Path, name: str, version: str, file: str, cache: Path) -> None:
    """Half of the artifact's file is all that is left of it, and nobody has fetched it before."""
    (store / name / version / file).write_bytes(b"half a file")
    shutil.rmtree(cache / name / version, ignore_errors=True)


async def steadily(stage: Stage, topic: str, tickets: Sequence[Event[Payload]]) -> None:
    """Some at a time, so that traffic runs before, while and after models change."""
    for start in range(0, len(tickets), 20):
        await stage.publish(topic, tickets[start : start + 20])
        await asyncio.sleep(0.3)


async def served_once_each(
    stage: Stage, worker: str, topic: str, versions: Callable[[Any], set[str]]
) -> set[str]:
    """Every ticket went on once and none died; each by one version, whose names are given."""
    records = await stage.read_until(topic, TICKETS)
    assert len({event_id(record) for record in records}) == len(records) == TICKETS
    served: set[str] = set()
    for record in records:
        (version,) = versions(decode(record, now=NOW).data)
        served.add(version)
    assert await stage.read(f"{worker}.dlq") == []
    return served
