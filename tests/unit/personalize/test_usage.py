"""Usage of a plan: by day, ahead, and whether and when it will be too much."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.personalize.domain.forecasting import MOST_DAYS, Floats, forecast, seasonal_naive
from services.personalize.domain.usage import (
    ENOUGH_DAYS,
    Outlook,
    Prior,
    Used,
    daily,
    will_exceed,
    with_customer,
)

START = datetime(2026, 11, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def noon(amounts: Sequence[float], start: datetime = START) -> list[Used]:
    """One record at noon of every day."""
    return [Used(start + i * DAY + DAY / 2, amount) for i, amount in enumerate(amounts)]


def ahead(
    amounts: Sequence[float], allowance: float, days: float, prior: Prior | None = None
) -> Outlook:
    """The outlook after days with these amounts, with so many days left of a period of 28."""
    now = START + len(amounts) * DAY
    period = (now - (28 - days) * DAY, now + days * DAY)
    return will_exceed(noon(amounts), allowance, period, now, prior or Prior())


def test_days_are_whole_in_utc_and_without_gaps() -> None:
    records = [
        Used(START + timedelta(hours=23, minutes=59), 1.0),
        Used(START + timedelta(hours=1), 2.0),
        Used(datetime(2026, 11, 4, 1, tzinfo=UTC), 4.0),
        # 5 November in China is still the 4th in UTC.
        Used(datetime.fromisoformat("2026-11-05T07:00:00+08:00"), 8.0),
        Used(datetime(2026, 11, 5, 6, tzinfo=UTC), 16.0),
    ]
    assert daily(records, datetime(2026, 11, 5, 12, tzinfo=UTC)).tolist() == [3, 0, 12]
    assert daily(records, datetime(2026, 11, 7, tzinfo=UTC)).tolist() == [3, 0, 12, 16, 0]
    assert len(daily([], START)) == 0


def test_a_correction_brings_no_day_below_nothing() -> None:
    records = [Used(START, 5.0), Used(START, -2.0), Used(START + DAY, -3.0)]
    assert daily(records, START + 2 * DAY).tolist() == [3, 0]


def test_only_the_newest_days_are_looked_at() -> None:
    days = daily(noon([1.0] * (MOST_DAYS + 10)), START + (MOST_DAYS + 10) * DAY)
    assert days.tolist() == [1.0] * MOST_DAYS


def test_a_constant_goes_on() -> None:
    coming = forecast(np.full(28, 3.0), 10)
    assert coming.days == pytest.approx(np.full(10, 3.0))
    assert coming.error == pytest.approx(np.zeros(10), abs=1e-6)


def test_a_week_that_repeats_exactly_goes_on() -> None:
    week = [1.0, 2, 3, 4, 5, 6, 7]
    coming = forecast(np.array(week * 8), 14)
    assert coming.days == pytest.approx(np.array(week * 2), rel=1e-3)


def test_the_last_week_over_again() -> None:
    days = np.arange(10.0)
    assert seasonal_naive(days, 9).tolist() == [3, 4, 5, 6, 7, 8, 9, 3, 4]


@given(st.lists(st.floats(0, 1e6), min_size=7, max_size=60), st.integers(1, 40))
def test_a_forecast_is_never_negative_and_its_error_grows(days: list[float], horizon: int) -> None:
    coming = forecast(np.array(days), horizon)
    assert coming.days.shape == coming.error.shape == (horizon,)
    assert np.isfinite(coming.days).all() and np.isfinite(coming.error).all()
    assert (coming.days >= 0).all() and (coming.error >= 0).all()


@given(st.floats(0.01, 1000))
def test_the_unit_changes_nothing(unit: float) -> None:
    days = np.random.default_rng(1).gamma(2, 5, 40)
    one, other = forecast(days, 20), forecast(days * unit, 20)
    assert other.days == pytest.approx(one.days * unit, rel=1e-4)
    assert other.error == pytest.approx(one.error * unit, rel=1e-4)


def test_even_usage_says_when_the_allowance_is_used_up() -> None:
    # 10 a day, 14 days into 28: 140 used, 280 expected, and 200 reached after 6 more days.
    found = ahead([10.0] * 28, allowance=200, days=14)
    assert (found.used, found.cold, found.days) == (140, False, 28)
    assert found.expected == pytest.approx(280)
    assert found.probability == pytest.approx(1.0)
    assert found.lead_days == pytest.approx(6.0)
    assert found.exceeds_at is not None
    assert abs(found.exceeds_at - (START + 34 * DAY)) < timedelta(minutes=1)
    within = ahead([10.0] * 28, allowance=300, days=14)
    assert within.probability == pytest.approx(0.0)
    assert (within.exceeds_at, within.lead_days) == (None, None)


def test_of_a_day_that_has_begun_only_the_rest_is_still_to_come() -> None:
    now = START + 28 * DAY + timedelta(hours=18)
    period = (START, START + 30 * DAY)
    found = will_exceed(noon([10.0] * 29), 1000, period, now)
    assert found.used == 290
    assert found.expected == pytest.approx(290 + 10 * 0.25 + 10)


def test_what_was_used_before_the_period_does_not_count_against_it() -> None:
    found = will_exceed(
        noon([10.0] * 28), 100, (START + 28 * DAY, START + 35 * DAY), START + 28 * DAY
    )
    assert found.used == 0
    assert found.expected == pytest.approx(70)


def test_a_period_that_begins_later_counts_from_its_beginning() -> None:
    now = START + 28 * DAY
    found = will_exceed(noon([10.0] * 28), 45, (now + 3 * DAY, now + 10 * DAY), now)
    assert found.expected == pytest.approx(70)
    assert found.lead_days == pytest.approx(3 + 4.5)


def test_what_is_used_up_is_certain_and_without_lead() -> None:
    found = ahead([10.0] * 28, allowance=45, days=14)
    assert (found.probability, found.lead_days) == (1.0, 0.0)
    assert found.exceeds_at == START + 14 * DAY + 4 * DAY + DAY / 2


def test_a_period_that_is_over_has_nothing_to_come() -> None:
    amounts = [10.0] * 28
    found = will_exceed(noon(amounts), 500, (START, START + 20 * DAY), START + 28 * DAY)
    assert (found.used, found.expected, found.low, found.high) == (200, 200, 200, 200)
    assert (found.probability, found.exceeds_at) == (0.0, None)


def test_records_from_the_future_are_not_yet_true() -> None:
    records = [*noon([10.0] * 28), Used(START + 60 * DAY, 1e9)]
    period = (START + 14 * DAY, START + 70 * DAY)
    assert will_exceed(records, 1e6, period, START + 28 * DAY).probability < 0.01


def test_a_cold_customer_gets_the_prior_and_is_told_so() -> None:
    prior = with_customer(with_customer(Prior(), 4.0), 8.0)
    found = ahead([100.0] * (ENOUGH_DAYS - 1), allowance=2000, days=14, prior=prior)
    assert (found.cold, found.days) == (True, ENOUGH_DAYS - 1)
    # 6 a day on average, give or take 2.
    assert found.expected == pytest.approx(1300 + 6 * 14)
    assert found.high - found.expected == pytest.approx(1.2816 * 2 * 14)
    assert not ahead([100.0] * ENOUGH_DAYS, 2000, 14, prior).cold


def test_of_nobody_anything_is_as_likely_as_not() -> None:
    found = will_exceed([], 280, (START, START + 28 * DAY), START)
    assert (found.cold, found.days, found.used) == (True, 0, 0)
    assert found.probability == pytest.approx(0.5)


def test_a_larger_allowance_is_exceeded_later_and_less_likely() -> None:
    amounts = np.random.default_rng(3).gamma(2, 5, 42).tolist()
    outlooks = [ahead(amounts, allowance, 14) for allowance in range(150, 400, 10)]
    chances = [found.probability for found in outlooks]
    assert chances == sorted(chances, reverse=True)
    assert max(chances) > 0.9
    assert min(chances) < 0.1
    leads = [found.lead_days for found in outlooks if found.lead_days is not None]
    assert leads == sorted(leads)


def made(kind: str, random: np.random.Generator) -> Floats:
    """24 weeks of one customer's usage."""
    place = np.arange(168)
    week = np.array([1, 1.1, 0.9, 1, 1.3, 1.8, 1.6])[place % 7]
    noise = 1 + 0.3 * random.standard_normal(168)
    match kind:
        case "weekly":
            found = 10 * week * noise
        case "rising":
            found = (4 + 0.08 * place) * week * noise
        case "falling":
            found = (18 - 0.09 * place) * week * noise
        case "intermittent":
            found = (random.random(168) < 0.25) * random.gamma(2, 4, 168)
        case "shift":
            found = np.where(place < random.integers(60, 140), 6, 14) * week * noise
        case _:
            found = 20 + np.cumsum(random.standard_normal(168)) + random.standard_normal(168)
    return np.maximum(found, 0)


KINDS = ("weekly", "rising", "falling", "intermittent", "shift", "walk")


def test_probabilities_and_intervals_hold() -> None:
    """Of plans that are exceeded and of plans that are not, over customers of every kind."""
    squares, naive, inside = [], [], []
    for seed in range(4):
        for kind in KINDS:
            days = made(kind, np.random.default_rng(seed))
            for known in (28, 56, 112):
                now, total = START + known * DAY, float(days[known : known + 28].sum())
                period = (now, now + 28 * DAY)
                records = noon(days[:known].tolist())
                usual = float(days[known - 28 : known].sum())
                for share in (0.8, 0.95, 1.05, 1.3):
                    found = will_exceed(records, share * usual, period, now)
                    exceeded = total > share * usual
                    squares.append((found.probability - exceeded) ** 2)
                    again = seasonal_naive(days[:known], 28).sum() > share * usual
                    naive.append(again != exceeded)
                inside.append(found.low <= total <= found.high)
    assert np.mean(squares) < 0.8 * np.mean(naive)
    assert 0.7 < np.mean(inside) < 0.92
