"""`python -m deploy.retraining` looks once, or with `--every` whenever it is due."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy import retraining
from deploy.retraining.job import TrainingFailed, retrain
from deploy.retraining.settings import RetrainingSettings
from services.feedback import schedule
from services.feedback.messages.mongo import MongoTrainings
from shared import log
from shared.clock import clock
from shared.errors import FatalError, TemporaryError
from shared.mongo import Mongo

MODULE = "deploy.retraining"


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    settings = RetrainingSettings()
    parser = argparse.ArgumentParser(
        prog=f"python -m {MODULE}",
        description=retraining.__doc__,
        parents=[schedule.option(settings.retraining_every_hours)],
        allow_abbrev=False,
    )
    parser.add_argument("--now", action="store_true", help="train whether there is reason or not")
    parser.add_argument(
        "--rows",
        type=int,
        default=settings.retraining_rows,
        help="new rows that are enough; default: %(default)s",
    )
    parser.add_argument("--mongo-url", default=settings.mongo_url, help="default: MONGO_URL")
    parser.add_argument(
        "--kafka", default=settings.kafka_bootstrap_servers, help="default: KAFKA_BOOTSTRAP_SERVERS"
    )
    parser.add_argument("--store", default=settings.model_store, help="default: %(default)s")
    parser.add_argument(
        "--cache", type=Path, default=settings.model_cache, help="default: %(default)s"
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
        "--threads", type=int, default=settings.retraining_threads, help="default: all cores"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=settings.retraining_folder,
        help="where rows and verdict are written; default: %(default)s",
    )
    return parser.parse_args(arguments)


async def look(options: argparse.Namespace) -> None:
    """Once. Raises TemporaryError or TrainingFailed."""
    mongo = Mongo(options.mongo_url, "feedback")
    try:
        now = clock(RetrainingSettings().clock_file)
        print(await retrain(options, mongo, now()), flush=True)
    finally:
        await mongo.close()


async def keep_looking(options: argparse.Namespace, arguments: Sequence[str]) -> None:
    """Whenever it is due, until stopped. A look that finds no reason to train leaves no trace, and
    looking again after a restart costs little: what must not come twice is the training."""
    mongo = Mongo(options.mongo_url, "feedback")
    command = [sys.executable, "-m", MODULE, *schedule.once(arguments)]
    job = schedule.Job("retraining", command, options.every, MongoTrainings(mongo).last)
    try:
        beat = RetrainingSettings().heartbeat_file
        await schedule.until_stopped(schedule.repeat(job, beat=beat))
    finally:
        await mongo.close()


def main(arguments: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parse(arguments)
    if options.every is not None:
        settings = RetrainingSettings()
        log.configure("retraining", settings.log_level, settings.log_format)
        asyncio.run(keep_looking(options, arguments))
        return 0
    try:
        asyncio.run(look(options))
    except (FatalError, TemporaryError) as error:
        print(f"cannot train: {error}", file=sys.stderr)
        return 1
    except TrainingFailed as error:
        print(f"not trained: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
