"""`python -m services.feedback.report` prints the quality figures, costs and the policy."""

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.feedback.domain.definitions import ORPHAN_AFTER
from services.feedback.quality.aggregations import DIMENSIONS
from services.feedback.report.reading import read
from services.feedback.settings import Settings
from shared.errors import FatalError, TemporaryError
from shared.mongo import Mongo

HOUR = timedelta(hours=1)


async def _print(given: argparse.Namespace, default_threshold: float) -> None:
    mongo = Mongo(given.mongo_url, given.database)
    now, orphan_after = datetime.now(UTC), given.orphan_hours * HOUR
    try:
        text, figures = await read(
            mongo, given.days, default_threshold, now, by=given.by, orphan_after=orphan_after
        )
    finally:
        await mongo.close()
    print(text)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", "utf-8")


def main() -> int:
    settings = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m services.feedback.report",
        description="Prints the quality figures and the policy in force. What the figures mean "
        "stands in services/feedback/domain/definitions.py.",
    )
    parser.add_argument("--by", choices=DIMENSIONS, default="intent", help="default: intent")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--mongo-url", default=settings.mongo_url, help="default: MONGO_URL")
    parser.add_argument("--database", default="feedback", help="default: feedback")
    parser.add_argument(
        "--days", type=float, default=settings.quality_days, help="default: QUALITY_DAYS"
    )
    parser.add_argument(
        "--orphan-hours",
        type=float,
        default=ORPHAN_AFTER / HOUR,
        help="signals wait so long for their response; default: 72",
    )
    try:
        asyncio.run(_print(parser.parse_args(), settings.answer_threshold))
    except (FatalError, TemporaryError) as error:
        print(f"cannot report: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
