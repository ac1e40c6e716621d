"""The disk of the model store is full."""

import asyncio
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from shared.envelope import new_event
from shared.events import ModelPromoted
from shared.modelstore import ModelStore
from tests.chaos.arena import NOON, Arena, until
from tests.chaos.room import fill, make_room, small_disk
from tests.chaos.stream import Books
from tests.e2e.wire import data

SMALL = 16_384
"""KiB: room for the classifier in store and cache, 4 MiB each, and for small ones; what is larger
lies elsewhere."""
PART = 60
ROWS = {
    "order_status": ["where is my order", "has it been sent", "我的快递到哪了", "什么时候发货"],
    "refund": ["give me my money back", "I want a refund", "把钱退给我", "我要退款"],
}
MOODS = (("negative", "high"), ("neutral", "normal"))
NO_ROOM = "No space left on device"


async def full(arena: Arena) -> str:
    """A training and a promotion fail for want of room, and say so; the model in force goes on.
    Once there is room, both work, and the new model serves from then on."""
    with small_disk(arena.system.data / "small", SMALL) as disk:
        home = Path(arena.system.environment["MODEL_STORE"]).parent
        cache = Path(arena.system.environment["MODEL_CACHE"])
        store, first = _moved(home / "models", cache, disk)
        # There is another classifier already, whose files lie where there is room.
        shutil.copytree(home / "models", home / "others", symlinks=True)
        (home / "others" / "classifier").unlink()
        other = await _train(arena, str(home / "others"), "!")
        assert other.returncode == 0, other.stderr
        second = ModelStore(str(home / "others")).require_latest("classifier")
        await arena.fresh(MODEL_STORE=str(disk / "models"), MODEL_CACHE=str(disk / "cache"))
        stream = arena.stream(3 * PART)
        places = await arena.wire.publish(stream[:PART])
        (disk / "models/classifier" / second).symlink_to(home / "others" / "classifier" / second)
        fill(disk)
        failed = await _train(arena, str(disk / "models"), "?")
        assert failed.returncode == 2 and NO_ROOM in failed.stderr, failed.stderr
        assert "Traceback" not in failed.stderr
        assert set(store.versions("classifier")) == {first, second}
        await _promote(arena, second, 1)
        await _says(arena, "promoted classifier refused")
        assert NO_ROOM in arena.workers["classify"].log.read_text()
        places += await arena.wire.publish(stream[PART : 2 * PART])
        await arena.wire.settled(240)
        assert await _served(arena) == {f"classifier@{first}"}
        make_room(disk)
        trained = await _train(arena, str(disk / "models"), "?")
        assert trained.returncode == 0, trained.stderr
        third = store.require_latest("classifier")
        await _promote(arena, third, 2)
        await _says(arena, f'"classifier@{third}"')
        places += await arena.wire.publish(stream[2 * PART :])
        await arena.wire.settled(240)
        assert await _served(arena) == {f"classifier@{first}", f"classifier@{third}"}
        books = Books(stream, places, [ModelPromoted.TYPE])
        await books.balance(arena.system, arena.wire)
        await arena.stopped()
    terminal = books.answered + books.buried
    return f"training and promotion refused, then done; {len(stream)} in, {terminal} terminal"


def _moved(models: Path, cache: Path, disk: Path) -> tuple[ModelStore, str]:
    """The store and the cache on the small disk, the large files of both by links; and the
    version of the classifier."""
    for whole, there in ((models, disk / "models"), (cache, disk / "cache")):
        there.mkdir()
        for artifact in whole.iterdir():
            if artifact.name != "classifier":
                (there / artifact.name).symlink_to(artifact.resolve())
    shutil.copytree((models / "classifier").resolve(), disk / "models" / "classifier")
    store = ModelStore(str(disk / "models"))
    return store, store.require_latest("classifier")


async def _train(arena: Arena, store: str, mark: str) -> subprocess.CompletedProcess[str]:
    """`python -m services.classify.train` on a few rows; `mark` makes its model another."""
    rows = arena.system.data / "rows.csv"
    # All labels are there, or the rest would be learned from the whole seed.
    lines = [
        f"{text}{mark},{intent},{sentiment},{priority}"
        for intent, texts in ROWS.items()
        for number, text in enumerate(texts)
        for sentiment, priority in (MOODS[number % 2],)
    ]
    rows.write_text("\n".join(["text,intent,sentiment,priority", *lines]), "utf-8")
    line = [sys.executable, "-m", "services.classify.train", "--data", str(rows)]
    line += ["--store", store, "--cache", arena.system.environment["MODEL_CACHE"], "--threads", "1"]
    return await asyncio.to_thread(
        subprocess.run, line, capture_output=True, text=True, check=False, timeout=300
    )


async def _promote(arena: Arena, version: str, minutes: int) -> None:
    at = NOON + timedelta(minutes=minutes)
    told = ModelPromoted(name="classifier", version=version, promoted_at=at)
    event = new_event(told, cause=version, source="/careloop/feedback", now=at)
    await arena.tell("feedback", [event])


async def _says(arena: Arena, text: str) -> None:
    log = arena.workers["classify"].log
    await until(f"classify says {text}", lambda: text in log.read_text())


async def _served(arena: Arena) -> set[str]:
    return {str(data(one)["model_version"]) for one in await arena.wire.read("responses")}
