"""Usage by day of each plan, and what comes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.personalize.domain.consumption import (
    MOST_PLANS,
    Allowance,
    PlanUsage,
    outlook,
    per_day,
    with_usage,
)
from services.personalize.domain.forecasting import MOST_DAYS
from services.personalize.domain.usage import Prior

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HUNDRED = Allowance(START, 100.0, START, START + 30 * DAY)


def used(
    amounts: list[float], allowance: Allowance = HUNDRED, start: datetime = START
) -> PlanUsage:
    plans: tuple[PlanUsage, ...] = ()
    for number, units in enumerate(amounts):
        plans = with_usage(plans, "light", start + number * DAY + DAY / 2, units, allowance)
    return plans[0]


def test_usage_is_summed_by_day_in_utc() -> None:
    plans: tuple[PlanUsage, ...] = ()
    for hour, units in ((1, 0.1), (23, 0.2), (25, 0.4)):
        plans = with_usage(plans, "light", START + timedelta(hours=hour), units, None)
    assert list(plans[0].days.values()) == [300_000, 400_000]


def test_only_the_newest_days_and_plans_are_kept() -> None:
    plans: tuple[PlanUsage, ...] = ()
    for number in range(MOST_DAYS + 20):
        plans = with_usage(plans, "light", START + number * DAY, 1.0, None)
    assert len(plans[0].days) == MOST_DAYS
    assert with_usage(plans, "light", START, 1.0, None)[0].days == plans[0].days
    for number in range(MOST_PLANS):
        plans = with_usage(plans, f"p{number}", START + 500 * DAY, 1.0, None)
    assert "light" not in [one.plan for one in plans]
    assert len(plans) == MOST_PLANS


def test_the_allowance_told_last_counts_however_late_the_others_come() -> None:
    bigger = Allowance(START + DAY, 200.0, START, START + 30 * DAY)
    plans = with_usage((), "light", START + DAY, 1.0, bigger)
    plans = with_usage(plans, "light", START, 1.0, HUNDRED)
    assert plans[0].allowance == bigger


def test_fast_usage_will_exceed_the_plan_and_says_when() -> None:
    found = outlook(used([5.0] * 16), Prior(), START + 16 * DAY)
    assert found is not None
    assert (found.used, found.cold) == (80.0, False)
    assert found.probability > 0.99
    assert found.lead_days == pytest.approx(4.0, abs=0.1)


def test_slow_usage_will_not() -> None:
    found = outlook(used([2.0] * 16), Prior(), START + 16 * DAY)
    assert found is not None
    assert found.probability < 0.01
    assert found.exceeds_at is None


def test_who_is_known_for_days_only_gets_what_others_use_and_is_called_cold() -> None:
    prior = Prior(customers=10, total=20.0, squares=50.0)
    found = outlook(used([5.0] * 3), prior, START + 3 * DAY)
    assert found is not None
    assert found.cold
    assert found.expected == pytest.approx(15.0 + 27 * 2.0)


def test_outside_its_period_a_plan_has_no_outlook() -> None:
    usage = used([5.0] * 16)
    assert outlook(usage, Prior(), START + 31 * DAY) is None
    assert outlook(usage, Prior(), START - DAY) is None
    assert outlook(PlanUsage("light", START), Prior(), START) is None


def test_a_period_of_centuries_is_a_slip_and_costs_no_time() -> None:
    endless = Allowance(START, 100.0, START, datetime(9999, 12, 31, tzinfo=UTC))
    assert outlook(used([5.0] * 16, endless), Prior(), START + 16 * DAY) is None


def test_of_the_day_in_which_a_period_starts_its_share_counts() -> None:
    """In China a month starts at 16:00 UTC: a third of that day's usage is in it."""
    start = START - timedelta(hours=8)
    local = Allowance(START, 100.0, start, start + 30 * DAY)
    usage = used([3.0] * 20, local, START - 5 * DAY)
    found = outlook(usage, Prior(), START + 15 * DAY)
    assert found is not None
    assert found.used == pytest.approx(15 * 3.0 + 1.0)


def test_what_is_used_today_counts_though_the_day_is_not_over() -> None:
    usage = used([5.0] * 16)
    now = START + 16 * DAY + timedelta(hours=2)
    (usage,) = with_usage((usage,), "light", now, 20.0, None)
    found = outlook(usage, Prior(), now)
    assert found is not None
    assert found.used == 100.0
    assert found.probability > 0.99


def test_usage_says_something_of_a_plan_from_a_week_on() -> None:
    assert per_day(used([4.0] * 6)) is None
    assert per_day(used([4.0, 0.0] * 7)) == pytest.approx(2.0)
    assert per_day(PlanUsage("light", START)) is None
