"""All that is told of the last days, read from the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.feedback.domain.definitions import ORPHAN_AFTER
from services.feedback.domain.policy import Decided, Policy
from services.feedback.domain.quality import Dimension
from services.feedback.mongo import MongoOutcomes
from services.feedback.policy.mongo import MongoPolicies
from services.feedback.quality.measuring import Efficiency, Measured, measure, measure_efficiency
from services.feedback.report.efficiency import efficiency_lines
from services.feedback.report.figures import data, notes, table
from shared.mongo import Mongo


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report tells of the last days."""

    measured: Measured
    efficiency: Efficiency
    by: Dimension
    decided: Decided | None
    policy: Policy
    days: float


def report(told: Report) -> str:
    """The figures as tables for people, by any dimension and over all."""
    measured, policy = told.measured, told.policy
    thresholds = _thresholds(measured, policy) if told.by == "intent" else {}
    lines = [f"Quality over the last {told.days:g} days", ""]
    lines += table(measured, told.efficiency, told.by, thresholds)
    lines += ["", *notes(measured), ""]
    lines += [*efficiency_lines(told.efficiency), "", *_policy_lines(told.decided, policy)]
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
    outcomes, window = MongoOutcomes(mongo), timedelta(days=days)
    measured = await measure(outcomes, now=now, window=window, by=by, orphan_after=orphan_after)
    efficiency = await measure_efficiency(outcomes, now=now, window=window, by=by)
    decided = await MongoPolicies(mongo).current()
    policy = decided.policy if decided else Policy(0, default_threshold)
    told = Report(measured, efficiency, by, decided, policy, days)
    return report(told), data(measured, efficiency, by, days)
