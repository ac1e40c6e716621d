"""`python -m deploy.models`: an operator puts a version in force, and the one before again."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from deploy import models
from services.feedback.mongo import MongoPromotions
from services.feedback.promotions import Promotion
from shared.envelope import decode
from shared.events import ModelPromoted
from shared.modelstore import ModelStore
from shared.mongo import Mongo
from tests.integration.stage import Stage

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def _same(moment: datetime) -> datetime:
    return moment


@pytest.fixture
def versions(tmp_path: Path) -> list[str]:
    """Of two classifiers in the store, the older one first."""
    made = []
    for day in range(2):
        folder = tmp_path / f"model-{day}"
        folder.mkdir()
        (folder / "model.json").write_text(f'{{"day": {day}}}')
        made_at = NOW + timedelta(days=day)
        store = ModelStore(str(tmp_path / "store"), partial(_same, made_at))
        made.append(store.put("classifier", folder, {"mode": "heads"}))
    return made


def run(stage: Stage, tmp_path: Path, *arguments: str) -> int:
    ends = stage.runtime.endpoints
    where = ["--store", str(tmp_path / "store"), "--kafka", ends.kafka, "--mongo-url", ends.mongo]
    return models.main([*where, *arguments])


async def promoted(stage: Stage) -> list[ModelPromoted]:
    told = [decode(record, now=NOW).data for record in await stage.read("feedback")]
    return [one for one in told if isinstance(one, ModelPromoted)]


async def remember(stage: Stage, told: ModelPromoted) -> None:
    """As feedback does."""
    mongo = Mongo(stage.runtime.endpoints.mongo, "feedback")
    try:
        await MongoPromotions(mongo).keep(
            [Promotion(f"p-{told.version}", told.name, told.version, told.previous, NOW)]
        )
    finally:
        await mongo.close()


async def test_promote_and_roll_back(
    stage: Stage, versions: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = versions

    async def told_to(*arguments: str) -> int:
        return await asyncio.to_thread(run, stage, tmp_path, *arguments)

    assert await told_to("rollback", "--why", "w") == 2
    assert "none to go back to" in capsys.readouterr().err
    assert await told_to("promote", new, "--why", "w") == 2
    assert "in force already" in capsys.readouterr().err
    assert await told_to("promote", "nonesuch", "--why", "w") == 2
    assert await promoted(stage) == [], "what is refused changes nothing"

    assert await told_to("promote", old, "--why", "incident 42") == 0
    (event,) = await promoted(stage)
    assert (event.name, event.version, event.previous) == ("classifier", old, new)
    assert event.reason == "by hand: incident 42"
    await remember(stage, event)
    capsys.readouterr()
    assert await told_to("list") == 0
    (line,) = [row for row in capsys.readouterr().out.splitlines() if "in force" in row]
    assert old in line
    assert await told_to("rollback", "--why", "it was not that") == 0
    assert (await promoted(stage))[-1].version == new


def test_what_cannot_be_reached_is_said(
    tmp_path: Path, versions: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = ["--store", str(tmp_path / "store"), "--mongo-url", "mongodb://127.0.0.1:1/"]
    assert models.main([*nowhere, "list"]) == 1
    assert "no database answers" in capsys.readouterr().err
