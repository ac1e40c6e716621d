"""A promoted classifier takes over while traffic runs; a broken one does not."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from services.classify import train
from services.classify.artifact import NAME
from shared.envelope import Event, decode, new_event
from shared.events import ModelPromoted, Payload, TicketClassified
from shared.modelstore import ModelStore
from tests.integration.samples import NOW, accepted
from tests.integration.stage import Stage, event_id

ROWS = {
    "order_status": ["where is my order", "has it been sent", "我的快递到哪了", "什么时候发货"],
    "refund": ["give me my money back", "I want a refund", "把钱退给我", "我要退款"],
}
MANNERS = [("neutral", "normal"), ("negative", "high")] * 2
TICKETS = 600


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


def promotion(version: str, minutes: int) -> Event[Payload]:
    at = NOW + timedelta(minutes=minutes)
    promoted = ModelPromoted(name="classifier", version=version, promoted_at=at)
    return new_event(promoted, cause=version, source="/careloop/feedback", now=at)


async def test_no_ticket_is_lost_or_half_read_while_models_change(
    stage: Stage, models: tuple[Path, list[str]], tmp_path: Path
) -> None:
    store, (first, second, broken) = models
    await stage.publish("feedback", [promotion(first, 0)])
    process = stage.start(
        "services.classify",
        MODEL_STORE=str(store),
        MODEL_CACHE=str(tmp_path / "cache"),
        BATCH_MAX_RECORDS="16",
    )
    await process.says("control event applied")
    await process.says("ready")
    tickets = [accepted(f"T-{number}", 1, f"where is order {number}") for number in range(TICKETS)]
    traffic = asyncio.create_task(_steadily(stage, tickets))
    await stage.read_until("personalize", 50)
    await stage.publish("feedback", [promotion(second, 1)])
    await process.says(f'"classifier@{second}"', seconds=30)
    (store / "classifier" / broken / "heads.npz").write_bytes(b"half a file")
    shutil.rmtree(tmp_path / "cache" / "classifier" / broken)
    await stage.publish("feedback", [promotion(broken, 2)])
    await process.says("promoted classifier refused", seconds=30)
    await traffic
    records = await stage.read_until("personalize", TICKETS)
    assert len({event_id(record) for record in records}) == len(records) == TICKETS
    served: dict[str, int] = {}
    for record in records:
        data = decode(record, now=NOW).data
        assert isinstance(data, TicketClassified)
        assert data.understanding.intent in ROWS
        version = data.understanding.model_version
        served[version] = served.get(version, 0) + 1
    assert served.keys() == {f"classifier@{first}", f"classifier@{second}"}
    assert await stage.read("classify.dlq") == []
    assert process.terminate() == 0


async def _steadily(stage: Stage, tickets: list[Event[Payload]]) -> None:
    """Some at a time, so that traffic runs before, while and after models change."""
    for start in range(0, len(tickets), 20):
        await stage.publish("classify", tickets[start : start + 20])
        await asyncio.sleep(0.3)
