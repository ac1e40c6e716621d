"""Circuit, budget and cost by themselves, with their clocks in hand."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from services.generate.breaker import Breaker, Circuit
from services.generate.llm.brief import WriterFailed
from services.generate.llm.budget import Budget, Reservation, SpentHere
from services.generate.llm.cost import Prices, cost_of

DAY = date(2026, 11, 23)


class Stage:
    """A breaker that opens for 10 seconds after 3 failures, and its clock."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.states: list[Circuit] = []
        self.breaker = Breaker(3, 10.0, lambda: self.seconds, self.states.append)

    def call(self, ok: bool) -> None:
        self.breaker.admit()
        self.breaker.record(ok=ok)

    def is_refused(self) -> bool:
        return not self.breaker.allows()


def test_failures_in_a_row_open_the_circuit_and_single_ones_do_not() -> None:
    stage = Stage()
    for ok in (False, False, True, False, False):
        stage.call(ok)
    states = [stage.breaker.state]
    stage.call(False)
    states.append(stage.breaker.state)
    assert states == [Circuit.CLOSED, Circuit.OPEN]
    assert stage.is_refused()


def test_one_call_tries_after_the_time_and_closes_it() -> None:
    stage = Stage()
    for _ in range(3):
        stage.call(False)
    stage.seconds += 9.9
    assert stage.is_refused()
    stage.seconds += 0.1
    assert not stage.is_refused()
    stage.breaker.admit()
    assert stage.is_refused(), "only one"
    assert not stage.breaker.admit()
    stage.breaker.record(ok=True)
    assert not stage.is_refused()
    assert stage.states == [Circuit.OPEN, Circuit.HALF_OPEN, Circuit.CLOSED]
    stage.call(False)
    assert stage.breaker.state is Circuit.CLOSED, "it counts anew"


def test_a_failed_try_opens_it_for_the_whole_time_again() -> None:
    stage = Stage()
    for _ in range(3):
        stage.call(False)
    stage.seconds += 10
    stage.call(False)
    stage.seconds += 9.9
    assert stage.is_refused()


def test_calls_from_before_it_opened_change_nothing() -> None:
    stage = Stage()
    for _ in range(5):
        stage.breaker.admit()
    for _ in range(3):
        stage.breaker.record(ok=False)
    stage.seconds += 5
    stage.breaker.record(ok=True)
    stage.breaker.record(ok=False)
    assert stage.breaker.state is Circuit.OPEN
    stage.seconds += 5
    assert not stage.is_refused(), "the time was not begun anew"


async def test_the_budget_is_spent_to_the_last_token() -> None:
    spent = SpentHere()
    budget = Budget(100, spent, lambda: datetime(2026, 11, 23, 8, tzinfo=UTC))
    first = await budget.reserve(60)
    await budget.reserve(40)
    with pytest.raises(WriterFailed, match="budget_spent"):
        await budget.reserve(1)
    await budget.settle(first, 10)
    assert await spent.add(DAY, 0) == 50
    await budget.reserve(50)


async def test_a_call_over_midnight_is_settled_on_its_own_day() -> None:
    times = [datetime(2026, 11, 23, 23, 59, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)]
    spent = SpentHere()
    budget = Budget(100, spent, lambda: times.pop(0))
    late = await budget.reserve(100)
    await budget.reserve(100)
    await budget.settle(late, 5)
    assert await spent.add(DAY + timedelta(days=1), 0) == 100


async def test_the_day_is_that_of_utc() -> None:
    shanghai = timezone(timedelta(hours=8))
    budget = Budget(9, SpentHere(), lambda: datetime(2026, 11, 24, 7, tzinfo=shanghai))
    assert await budget.reserve(9) == Reservation(DAY, 9)


async def test_a_budget_of_nothing_allows_nothing() -> None:
    with pytest.raises(WriterFailed, match="budget_spent"):
        await Budget(0, SpentHere(), lambda: datetime.now(UTC)).reserve(1)


def test_cost_is_by_direction() -> None:
    assert cost_of(1_000_000, 500_000, Prices(2.5, 10.0)) == {
        "llm_tokens": 1_500_000,
        "llm_tokens_in": 1_000_000,
        "llm_tokens_out": 500_000,
        "llm_cost": 7.5,
    }
    assert cost_of(3, 1, Prices(0.15, 0.6))["llm_cost"] == pytest.approx(1.05e-6)
    assert cost_of(300, 40, Prices())["llm_cost"] == 0
