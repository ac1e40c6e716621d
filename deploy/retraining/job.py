"""Once: look, train, judge, and promote what passed."""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from services.feedback.domain.learning.rows import record
from services.feedback.domain.learning.triggers import Triggers
from services.feedback.lessons import Lessons, lessons
from services.feedback.messages.mongo import MongoMessages, MongoTrainings
from services.feedback.settings import Settings
from shared import ids, topics
from shared.envelope import new_event
from shared.events import ModelPromoted
from shared.mongo import Mongo
from shared.publisher import publish_once
from shared.settings import KafkaSettings

SOURCE = "/careloop/retraining"


class TrainingFailed(Exception):
    """There is no verdict; the message says why."""


async def retrain(options: argparse.Namespace, mongo: Mongo, now: datetime) -> str:
    """Once; returns what came of it, in words. Raises TemporaryError, or TrainingFailed, which does
    not count as a training: the same rows are reason to train the next time."""
    trainings = MongoTrainings(mongo)
    messages = MongoMessages(mongo, Settings().messages_kept)
    triggers = Triggers(rows=options.rows)
    known = await messages.learnable()
    found = await asyncio.to_thread(lessons, known, triggers, last=await trainings.last(), now=now)
    await trainings.looked(now, found.drifted)
    if found.model is None or not found.selection.rows:
        return "nothing to learn from yet"
    if not found.reasons and not options.now:
        return f"no reason to train: {found.new_rows} new rows, {options.rows} are enough"
    for reason in found.reasons:
        print(f"training: {reason}", flush=True)
    verdict = await asyncio.to_thread(train, found, options)
    if verdict["passed"]:
        # Said before the training counts as done: who is stopped in between trains again, and the
        # same rows make the same version. The other way round it would never be promoted.
        await promote(verdict, options.kafka, now)
    await trainings.add(now, verdict)
    said = "promoted" if verdict["passed"] else "not promoted"
    return f"classifier@{verdict['version']} is {said}: {verdict['reason']}"


def train(found: Lessons, options: argparse.Namespace) -> Mapping[str, Any]:
    """Runs the job on these lessons; its verdict. Raises TrainingFailed."""
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    rows, recent, out = folder / "rows.jsonl", folder / "recent.jsonl", folder / "verdict.json"
    out.unlink(missing_ok=True)
    _write_lines(rows, [record(row) for row in found.selection.rows])
    _write_lines(recent, [{"text": text} for text in found.recent])
    command = [sys.executable, "-m", "services.classify.retraining", "--rows", str(rows)]
    command += ["--current", found.model or "", "--recent", str(recent), "--out", str(out)]
    command += ["--store", options.store, "--cache", str(options.cache)]
    if options.threads:
        command += ["--threads", str(options.threads)]
    if options.data:
        command += ["--data", *map(str, options.data)]
    if options.taxonomy:
        command += ["--taxonomy", options.taxonomy]
    # On a terminal the job's progress bars are shown as they come.
    errors = None if sys.stderr.isatty() else subprocess.PIPE
    done = subprocess.run(command, stderr=errors, text=True, check=False)
    if not out.exists():
        why = (done.stderr or "").strip()[-500:]
        raise TrainingFailed(why or f"the job ended with code {done.returncode}")
    verdict: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return verdict


async def promote(verdict: Mapping[str, Any], kafka: str, now: datetime) -> None:
    """Tell every classify process. Raises TemporaryError."""
    data = ModelPromoted(
        name=verdict["name"],
        version=verdict["version"],
        previous=verdict["previous"],
        reason=verdict["reason"],
        promoted_at=now,
    )
    cause = ids.derived("promoted", data.name, data.version, now.isoformat())
    await publish_once(
        KafkaSettings(kafka_bootstrap_servers=kafka),
        "careloop-retraining",
        topics.FEEDBACK,
        new_event(data, cause=cause, source=SOURCE, now=now),
    )


def _write_lines(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(content, encoding="utf-8")
