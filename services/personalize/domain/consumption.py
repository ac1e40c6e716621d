"""What a customer uses of their plans: by day, and within which allowance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.personalize.domain.amounts import amount, millionths, total
from services.personalize.domain.forecasting import MOST_DAYS
from services.personalize.domain.usage import DAY, Outlook, Prior, Used, will_exceed

MOST_PLANS = 8
"""Plans remembered, those last heard of."""
ENOUGH_TO_COUNT = 7
"""Days from the first to the last of a customer's usage below which it says little of a plan."""

LONGEST_PERIOD = timedelta(days=400)
"""What is told to last longer is a slip, and no forecast reaches as far."""


@dataclass(frozen=True, slots=True, order=True)
class Allowance:
    """As told at `at`: so much may be used from `start` to before `end`."""

    at: datetime
    units: float
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class PlanUsage:
    """`days` are the newest days in UTC (as `datetime.toordinal`) with the sum of what was used on
    them, in millionths; `at` is the last record."""

    plan: str
    at: datetime
    days: Mapping[int, int] = field(default_factory=dict)
    allowance: Allowance | None = None


def with_usage(
    plans: Sequence[PlanUsage],
    plan: str,
    at: datetime,
    units: float | None,
    allowance: Allowance | None,
) -> tuple[PlanUsage, ...]:
    """One more record, in any order. `units` may be negative, to correct another."""
    before = next((one for one in plans if one.plan == plan), PlanUsage(plan, at))
    told = [one for one in (before.allowance, allowance) if one is not None]
    used = PlanUsage(
        plan,
        max(before.at, at),
        _with_day(before.days, at, units) if units is not None else before.days,
        max(told) if told else None,
    )
    others = [one for one in plans if one.plan != plan]
    ordered = sorted([*others, used], key=lambda one: (one.at, one.plan))
    return tuple(ordered[-MOST_PLANS:])


def _with_day(days: Mapping[int, int], at: datetime, units: float) -> Mapping[int, int]:
    day = at.astimezone(UTC).toordinal()
    merged = {**days, day: total(days.get(day, 0), millionths(units))}
    return dict(sorted(merged.items())[-MOST_DAYS:])


def outlook(usage: PlanUsage, prior: Prior, now: datetime) -> Outlook | None:
    """What will have been used when the period ends; None outside any period that is known."""
    told = usage.allowance
    if told is None or not told.start <= now < told.end:
        return None
    if told.end - told.start > LONGEST_PERIOD:
        return None
    records = list(_records(usage.days, told.start, now))
    return will_exceed(records, told.units, (told.start, told.end), now, prior)


def per_day(usage: PlanUsage) -> float | None:
    """Units a day, from the first to the last day of usage; None if these are too few."""
    if not usage.days:
        return None
    length = max(usage.days) - min(usage.days) + 1
    if length < ENOUGH_TO_COUNT:
        return None
    return max(0.0, amount(sum(usage.days.values())) / length)


def _records(days: Mapping[int, int], start: datetime, now: datetime) -> Iterator[Used]:
    """The sums of days as records at their beginning; of the day in which the period starts, evenly
    before and after it."""
    for number, used in days.items():
        first = datetime.fromordinal(number).replace(tzinfo=UTC)
        last = max(first + timedelta(microseconds=1), min(first + DAY, now))
        if first < start < last:
            share = (start - first) / (last - first)
            yield Used(first, amount(used) * share)
            yield Used(start, amount(used) * (1 - share))
        else:
            yield Used(first, amount(used))
