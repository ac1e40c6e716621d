"""The jobs that close the loop by themselves, killed and started again on real Kafka and database.

Retraining is stopped in the middle of a training, then finds no Kafka to promote by, and then comes
through; the managers' pages are written once. However often a schedule is started, what it does
every day is done once.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.classify import train
from services.feedback.insights.mongo import MongoReports
from services.feedback.messages.mongo import MongoMessages, MongoTrainings
from shared.envelope import Event, decode, new_event
from shared.events import Asked, InsightReported, ModelPromoted, Payload, ResponseGenerated
from shared.modelstore import ModelStore
from shared.mongo import Mongo
from tests.integration.stage import Process, Stage, headers
from tests.integration.test_retraining_loop import CARDS, NEW_WISH, base, misread

KEPT = timedelta(days=90)
NOBODY = "127.0.0.1:9"


class Schedules:
    """Starts jobs as Compose and `make run` do, and ends those that a failed test left."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, module: str, *arguments: str, **settings: str) -> Process:
        endpoints = self._stage.runtime.endpoints
        log = self._stage.folder / f"job-{len(self._started)}.log"
        settings = {
            "KAFKA_BOOTSTRAP_SERVERS": endpoints.kafka,
            "MONGO_URL": endpoints.mongo,
            "LOG_FORMAT": "json",
            "PYTHONUNBUFFERED": "1",
        } | settings
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env=os.environ | settings,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self._started.append(process)
        return Process(process, log)

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()


@pytest.fixture
def schedules(stage: Stage) -> Iterator[Schedules]:
    started = Schedules(stage)
    yield started
    started.end()


def processes_with(text: str) -> list[int]:
    """Those whose command line has it."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


async def told(stage: Stage, kind: type[Payload]) -> list[Event[Any]]:
    """What stands on the feedback topic of this kind."""
    records = await stage.read("feedback")
    return [
        decode(record, now=datetime.now(UTC))
        for record in records
        if headers(record).get("ce_type") == kind.TYPE
    ]


async def test_a_training_that_is_killed_or_cannot_be_told_is_made_again_and_then_no_more(
    stage: Stage,
    schedules: Schedules,
    tmp_path: Path,
    store_with_encoder: Callable[[Path], ModelStore],
) -> None:
    data, store, folder = base(tmp_path), tmp_path / "models", tmp_path / "retraining"
    models = store_with_encoder(store)
    seed = ["--data", str(data), "--taxonomy", "from-data"]
    where = ["--store", str(store), "--cache", str(store)]
    first, _ = train.train(train.parse([*seed, *where, "--threads", "1"]))
    mongo = Mongo(stage.runtime.endpoints.mongo, "feedback")
    texts = [form.format(card) for form in NEW_WISH for card in CARDS]
    messages = MongoMessages(mongo, KEPT)
    await messages.keep(
        [event for n, text in enumerate(texts) for event in misread(n, text, first)]
    )
    trainings = MongoTrainings(mongo)
    job = ["deploy.retraining", "--rows", "21", "--folder", str(folder), *seed, *where]

    killed = schedules.start(*job, "--every")
    await killed.says("training: 21 new rows")
    for _ in range(300):
        if len(processes_with(str(folder))) == 3:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(2)
    assert len(processes_with(str(folder))) == 3, "the schedule, the look, and the training"
    began = time.monotonic()
    assert killed.terminate() == 0
    assert time.monotonic() - began < 10
    assert processes_with(str(folder)) == []
    assert models.versions("classifier") == [first]
    assert await trainings.last() is None and await told(stage, ModelPromoted) == []

    untold = schedules.start(*job, "--kafka", NOBODY)
    assert await untold.exited() == 1
    assert "cannot train: no Kafka broker answers" in untold.log
    (_, second) = models.versions("classifier")
    assert await trainings.last() is None and await told(stage, ModelPromoted) == []

    whole = schedules.start(*job, "--every")
    await whole.says('"job done"')
    assert f"classifier@{second} is promoted" in whole.log
    (promoted,) = await told(stage, ModelPromoted)
    assert (promoted.data.version, promoted.data.previous) == (second, first)
    assert models.versions("classifier") == [first, second], "the same rows, the same version"
    last = await trainings.last()
    whole.kill()

    restarted = schedules.start(*job, "--every")
    await restarted.says("not due yet")
    assert await trainings.last() == last
    assert restarted.terminate() == 0
    await mongo.close()


def asked(number: int, intent: str, at: datetime) -> Event[Payload]:
    """A message of somebody new."""
    response = ResponseGenerated(
        ticket_id=f"I-{number}",
        response_id=f"asked {number}",
        message_id="m1",
        decision="answer",
        text="",
        language="en",
        confidence=0.9,
        intent=intent,
        sentiment="neutral",
        priority="normal",
        model_version="classifier@test",
        policy_version="v0",
        disclosure="AI",
        customer_key=f"customer {number}",
        asked=Asked(text=f"a question about {intent}", received_at=at),
        created_at=at,
    )
    return new_event(response, cause=f"asked {number}", source="/careloop/test", now=at)


async def test_the_pages_are_written_and_told_of_once_a_day(
    stage: Stage, schedules: Schedules, tmp_path: Path
) -> None:
    """Invoices stay, refunds come up in the last week."""
    now = datetime.now(UTC)
    weeks = {"invoice": (60, 60), "refund": (2, 60)}
    days = [
        (intent, week * 7 + 6.5 * n / count)
        for intent, counts in weeks.items()
        for week, count in zip((1, 0), counts, strict=True)
        for n in range(count)
    ]
    mongo = Mongo(stage.runtime.endpoints.mongo, "feedback")
    await MongoMessages(mongo, KEPT).keep(
        [asked(n, intent, now - timedelta(days=ago)) for n, (intent, ago) in enumerate(days)]
    )
    folder, reports = tmp_path / "reports", MongoReports(mongo)
    job = ["services.feedback.insights", "--every", "--announce", "--folder", str(folder)]

    early = schedules.start(*job, KAFKA_BOOTSTRAP_SERVERS=NOBODY)
    await early.says('"job failed"')
    assert early.terminate() == 0
    assert await reports.last() is None

    whole = schedules.start(*job)
    await whole.says('"job done"')
    for language, word in (("en", "Refund"), ("zh", "退款")):
        assert word in (folder / f"report-{language}.html").read_text("utf-8")
    assert sorted(path.name for path in folder.iterdir()) == ["report-en.html", "report-zh.html"]
    (event,) = await told(stage, InsightReported)
    assert event.data.kind == "growing_wish" and "退款" in event.data.title
    last = await reports.last()
    assert last is not None and now < last < datetime.now(UTC)
    assert whole.terminate() == 0

    restarted = schedules.start(*job)
    await restarted.says("not due yet")
    due = json.loads(restarted.log.splitlines()[-1])["due"]
    assert datetime.fromisoformat(due) == last + timedelta(hours=24)
    assert restarted.terminate() == 0
    assert await reports.last() == last and len(await told(stage, InsightReported)) == 1
    await mongo.close()
