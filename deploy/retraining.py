"""Train the classifier again on what people said of its work, and promote it if it is better.

Reads what the feedback worker keeps, trains and judges in a process of its own, and says
`model.promoted` on the feedback topic if every check was passed: classify swaps while traffic runs.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.feedback.domain.learning.rows import record
from services.feedback.domain.learning.triggers import Triggers
from services.feedback.lessons import Lessons, lessons
from services.feedback.messages.mongo import MongoMessages, MongoTrainings
from services.feedback.settings import Settings
from shared import ids, topics
from shared.envelope import new_event
from shared.errors import TemporaryError
from shared.events import ModelPromoted
from shared.mongo import Mongo
from shared.publisher import Publisher

SOURCE = "/careloop/retraining"
HOUR = 3600.0


async def retrain(options: argparse.Namespace, mongo: Mongo, now: datetime) -> str:
    """Once; returns what came of it, in words. Raises TemporaryError."""
    trainings = MongoTrainings(mongo)
    messages = MongoMessages(mongo, Settings().messages_kept)
    triggers = Triggers(rows=options.rows)
    known = await messages.learnable()
    found = await asyncio.to_thread(lessons, known, triggers, last=await trainings.last(), now=now)
    if found.model is None or not found.selection.rows:
        return "nothing to learn from yet"
    if not found.reasons and not options.now:
        return f"no reason to train: {found.new_rows} new rows, {options.rows} are enough"
    for reason in found.reasons:
        print(f"training: {reason}")
    verdict = await asyncio.to_thread(train, found, options)
    await trainings.add(now, verdict)
    if "version" not in verdict:
        return f"not trained: {verdict['reason']}"
    if not verdict["passed"]:
        return f"classifier@{verdict['version']} is not promoted: {verdict['reason']}"
    await promote(verdict, options.kafka, now)
    return f"classifier@{verdict['version']} is promoted: {verdict['reason']}"


def train(found: Lessons, options: argparse.Namespace) -> Mapping[str, Any]:
    """Runs the job on these lessons; its verdict, or the reason why there is none."""
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    rows, recent, out = folder / "rows.jsonl", folder / "recent.jsonl", folder / "verdict.json"
    out.unlink(missing_ok=True)
    _write_lines(rows, [record(row) for row in found.selection.rows])
    _write_lines(recent, [{"text": text} for text in found.recent])
    command = [sys.executable, "-m", "services.classify.retraining", "--rows", str(rows)]
    command += ["--current", found.model or "", "--recent", str(recent), "--out", str(out)]
    command += ["--store", options.store, "--cache", str(options.cache)]
    if options.data:
        command += ["--data", *map(str, options.data)]
    if options.taxonomy:
        command += ["--taxonomy", options.taxonomy]
    # On a terminal the job's progress bars are shown as they come.
    errors = None if sys.stderr.isatty() else subprocess.PIPE
    done = subprocess.run(command, stderr=errors, text=True, check=False)
    if not out.exists():
        return {"passed": False, "reason": (done.stderr or "").strip()[-500:] or "the job failed"}
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
    publisher = Publisher(kafka, "careloop-retraining")
    await publisher.start()
    try:
        await publisher.publish(
            topics.FEEDBACK, new_event(data, cause=cause, source=SOURCE, now=now)
        )
    finally:
        await publisher.stop()


def _write_lines(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(content, encoding="utf-8")


async def _run(options: argparse.Namespace) -> None:
    mongo = Mongo(options.mongo_url, "feedback")
    try:
        while True:
            print(await retrain(options, mongo, datetime.now(UTC)), flush=True)
            if options.every is None:
                return
            await asyncio.sleep(options.every * HOUR)
    finally:
        await mongo.close()


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    settings = Settings()
    parser = argparse.ArgumentParser(prog="python -m deploy.retraining", description=__doc__)
    parser.add_argument("--now", action="store_true", help="train whether there is reason or not")
    parser.add_argument(
        "--rows", type=int, default=200, help="new rows that are enough; default: %(default)s"
    )
    parser.add_argument("--every", type=float, metavar="HOURS", help="go on, and look so often")
    parser.add_argument("--mongo-url", default=settings.mongo_url, help="default: MONGO_URL")
    parser.add_argument(
        "--kafka", default=settings.kafka_bootstrap_servers, help="default: KAFKA_BOOTSTRAP_SERVERS"
    )
    parser.add_argument("--store", default=".careloop/models", help="default: %(default)s")
    parser.add_argument(
        "--cache", type=Path, default=Path(".careloop/cache"), help="default: %(default)s"
    )
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        metavar="FILE_OR_DIR",
        help="what was learned from before people said anything; default: the seed data",
    )
    parser.add_argument(
        "--taxonomy", help="YAML file with the intents of --data, or `from-data`; default: ours"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(".careloop/retraining"),
        help="where rows and verdict are written; default: %(default)s",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        asyncio.run(_run(parse(arguments)))
    except TemporaryError as error:
        print(f"cannot train: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
