"""`python -m services.feedback.report` prints the quality figures and the policy in force."""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.feedback.aggregations import DIMENSIONS
from services.feedback.domain.definitions import ORPHAN_AFTER
from services.feedback.domain.policy import Decided, Policy
from services.feedback.domain.quality import Dimension
from services.feedback.measuring import Measured, measure
from services.feedback.mongo import MongoOutcomes
from services.feedback.mongo_policies import MongoPolicies
from services.feedback.report_figures import data, notes, table
from services.feedback.settings import Settings
from shared.errors import TemporaryError
from shared.mongo import Mongo

HOUR = timedelta(hours=1)


def report(
    measured: Measured, by: Dimension, decided: Decided | None, policy: Policy, days: float
) -> str:
    """The figures as a table for people, by any dimension and over all."""
    lines = [f"Quality over the last {days:g} days", ""]
    lines += table(measured, by, _thresholds(measured, policy) if by == "intent" else {})
    lines += ["", *notes(measured), "", *_policy_lines(decided, policy)]
    return "\n".join(lines)


def _thresholds(measured: Measured, policy: Policy) -> Mapping[str, float]:
    of_intents = {intent: policy.threshold(intent) for intent in measured.by_value}
    return {**of_intents, "all": policy.default_threshold}


def _policy_lines(decided: Decided | None, policy: Policy) -> list[str]:
    if decided is None:
        return [f"No policy yet: every intent starts at {policy.default_threshold:.2f}."]
    promise = decided.promise
    kept = f"at most {promise.alpha:.0%} of automatic replies wrong"
    lines = [
        f"Policy {decided.version} of {decided.decided_at:%Y-%m-%d %H:%M} UTC: {kept}, "
        f"with confidence {1 - promise.delta:.0%}."
    ]
    return lines + [f"  {intent}: {why}" for intent, why in decided.tuning.reasons.items()]


async def read(
    mongo: Mongo,
    days: float,
    default_threshold: float,
    now: datetime,
    *,
    by: Dimension = "intent",
    orphan_after: timedelta = ORPHAN_AFTER,
) -> tuple[str, dict[str, Any]]:
    """The report over what stands in the database, as text and as data. Raises TemporaryError."""
    measured = await measure(
        MongoOutcomes(mongo),
        now=now,
        window=timedelta(days=days),
        by=by,
        orphan_after=orphan_after,
    )
    decided = await MongoPolicies(mongo).current()
    policy = decided.policy if decided else Policy(0, default_threshold)
    return report(measured, by, decided, policy, days), data(measured, by, days)


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
    except TemporaryError as error:
        print(f"cannot report: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
