"""`python -m services.feedback.report` prints the quality figures and the policy in force."""

import argparse
import asyncio
import math
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.feedback.domain.policy import Decided, Policy
from services.feedback.domain.quality import Group, Quality, Share, by_intent
from services.feedback.mongo import MongoOutcomes, MongoPolicies
from services.feedback.settings import Settings
from shared.errors import TemporaryError
from shared.mongo import Mongo

COLUMNS = (
    "intent", "replies", "answer", "ask", "act", "draft", "escalate", "automatic (95 %)",
    "good", "bad", "silent", "wrong of judged (95 %)", "rating", "threshold",
)  # fmt: skip
DECISIONS = ("answer", "ask", "act", "draft", "escalate")


def report(groups: Sequence[Group], decided: Decided | None, policy: Policy, days: float) -> str:
    """The figures as a table for people, by intent and over all."""
    rows = [
        _row(intent, quality, policy.threshold(intent))
        for intent, quality in by_intent(groups).items()
    ]
    rows.append(_row("all", Quality(tuple(groups)), policy.default_threshold))
    widths = [max(len(row[i]) for row in [COLUMNS, *rows]) for i in range(len(COLUMNS))]
    lines = [f"Quality over the last {days:g} days", ""]
    lines += [_line(row, widths) for row in [COLUMNS, *rows]]
    lines += ["", *_policy_lines(decided, policy)]
    return "\n".join(lines)


def _row(intent: str, quality: Quality, threshold: float) -> tuple[str, ...]:
    satisfaction = quality.satisfaction
    return (
        intent,
        str(quality.responses),
        *(str(quality.decided(decision)) for decision in DECISIONS),
        _share(quality.automation),
        *(str(quality.judged(verdict)) for verdict in ("good", "bad", "unknown")),
        _share(quality.wrong),
        "-" if math.isnan(satisfaction) else f"{satisfaction:.2f} ({quality.satisfied.whole})",
        f"{threshold:.2f}",
    )


def _share(share: Share) -> str:
    if not share.whole:
        return "-"
    low, high = share.interval
    return f"{share.value:.0%} ({low:.0%} to {high:.0%})"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])


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


async def read(mongo: Mongo, days: float, default_threshold: float, now: datetime) -> str:
    """The report over what stands in the database. Raises TemporaryError."""
    groups = await MongoOutcomes(mongo).groups(now - timedelta(days=days))
    decided = await MongoPolicies(mongo).current()
    policy = decided.policy if decided else Policy(0, default_threshold)
    return report(groups, decided, policy, days)


async def _print(url: str, days: float, default_threshold: float) -> None:
    mongo = Mongo(url, "feedback")
    try:
        print(await read(mongo, days, default_threshold, datetime.now(UTC)))
    finally:
        await mongo.close()


def main() -> int:
    settings = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m services.feedback.report",
        description="Prints the quality figures and the policy in force.",
    )
    parser.add_argument("--mongo-url", default=settings.mongo_url, help="default: MONGO_URL")
    parser.add_argument(
        "--days", type=float, default=settings.quality_days, help="default: QUALITY_DAYS"
    )
    given = parser.parse_args()
    try:
        asyncio.run(_print(given.mongo_url, given.days, settings.answer_threshold))
    except TemporaryError as error:
        print(f"cannot report: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
