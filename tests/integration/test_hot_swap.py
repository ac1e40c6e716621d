"""A promoted classifier takes over while traffic runs; a broken one does not."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from services.classify import train
from services.classify.artifact import NAME
from shared.events import TicketClassified
from shared.modelstore import ModelStore
from tests.integration.samples import accepted
from tests.integration.stage import Stage
from tests.integration.swapping import TICKETS, promotion, served_once_each, spoil, steadily

ROWS = {
    "order_status": ["where is my order", "has it been sent", "我的快递到哪了", "什么时候发货"],
    "refund": ["give me my money back", "I want a refund", "把钱退给我", "我要退款"],
}
MANNERS = [("neutral", "normal"), ("negative", "high")] * 2


@pytest.fixture
def models(
    tmp_path: Path, store_with_encoder: Callable[[Path], ModelStore]
) -> tuple[Path, list[str]]:
    """A store with three classifiers: one, and twice the same with another card, which are versions
    of their own."""
    store, cache = store_with_encoder(tmp_path / "models"), tmp_path / "cache"
    rows = tmp_path / "rows.csv"
    lines = [
        f"{text},{intent},{mood},{priority}"
        for intent, texts in ROWS.items()
        for text, (mood, priority) in zip(texts, MANNERS, strict=True)
    ]
    rows.write_text("\n".join(["text,intent,sentiment,priority", *lines]), "utf-8")
    arguments = ["--data", str(rows), "--store", store.url, "--cache", str(cache)]
    first, _ = train.train(train.parse([*arguments, "--threads", "1"]))
    versions, about = [first], store.manifest(NAME, first).metadata
    for number in (1, 2):
        files = tmp_path / f"classifier-{number}"
        shutil.copytree(store.fetch(NAME, first, cache), files)
        (files / "model-card.md").write_text(f"Classifier number {number}", "utf-8")
        versions.append(store.put(NAME, files, about))
    shutil.rmtree(cache)
    return Path(store.url), versions


async def test_no_ticket_is_lost_or_half_read_while_models_change(
    stage: Stage, models: tuple[Path, list[str]], tmp_path: Path
) -> None:
    store, (first, second, broken) = models
    await stage.publish("feedback", [promotion("classifier", first, 0)])
    process = stage.start(
        "services.classify",
        MODEL_STORE=str(store),
        MODEL_CACHE=str(tmp_path / "cache"),
        BATCH_MAX_RECORDS="16",
    )
    await process.says("control event applied")
    await process.says("ready")
    tickets = [accepted(f"T-{number}", 1, f"where is order {number}") for number in range(TICKETS)]
    traffic = asyncio.create_task(steadily(stage, "classify", tickets))
    await stage.read_until("personalize", 50)
    await stage.publish("feedback", [promotion("classifier", second, 1)])
    await process.says(f'"classifier@{second}"', seconds=30)
    spoil(store, "classifier", broken, "heads.npz", tmp_path / "cache")
    await stage.publish("feedback", [promotion("classifier", broken, 2)])
    await process.says("promoted classifier refused", seconds=30)
    await traffic
    served = await served_once_each(stage, "classify", "personalize", read_by)
    assert served == {f"classifier@{first}", f"classifier@{second}"}
    assert process.terminate() == 0


def read_by(data: object) -> set[str]:
    assert isinstance(data, TicketClassified)
    assert data.understanding.intent in ROWS
    return {data.understanding.model_version}
