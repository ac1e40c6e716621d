"""What many customers tell of one: each of them once, however the counting is portioned."""

from datetime import UTC, datetime, timedelta

import pytest

from services.personalize.domain.consumption import PlanUsage, with_usage
from services.personalize.domain.next_need import Asked, next_needs
from services.personalize.domain.population import Census, Member, Population
from services.personalize.domain.purchases import Purchases, with_purchase
from services.personalize.domain.segment import Standards
from services.personalize.domain.usage import Prior
from services.personalize.domain.wishes import Wish

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def member(number: int) -> Member:
    """Asks for a refund after a delivery problem, and uses 2 or 4 units a day."""
    start = NOON - 20 * DAY
    wishes = (
        Wish(start, "T-1", "delivery_problem"),
        Wish(start + DAY, "T-1", "complaint"),
        Wish(start + 2 * DAY, "T-2", "refund"),
    )
    usage: tuple[PlanUsage, ...] = ()
    for day in range(10):
        usage = with_usage(usage, "light", start + day * DAY, 2.0 + 2 * (number % 2), None)
    return Member(with_purchase(Purchases(), start, 10.0 * number, None), wishes, usage)


def counted(portion: int) -> Population:
    members = [member(number) for number in range(60)]
    census = Census(NOON)
    for start in range(0, len(members), portion):
        census.add(members[start : start + portion])
    return census.population()


def test_portions_change_nothing() -> None:
    assert counted(7) == counted(60)


def test_tickets_of_many_tell_what_comes_next_for_one() -> None:
    found = next_needs(counted(60).transitions, [Asked(NOON, "delivery_problem")], NOON)
    assert not found.cold
    assert found.ranked[0].intent == "refund"
    # One transition a customer, from ticket to ticket: a follow-up is no ticket of its own.
    assert found.known == 60


def test_priors_and_standards_come_from_the_members() -> None:
    population = counted(60)
    assert population.customers == 60
    prior = population.prior("light")
    assert prior.customers == 60
    assert prior.total / prior.customers == pytest.approx(3.0)
    assert population.prior("other") == Prior()
    assert population.standards.much == pytest.approx(472.0)


def test_of_whom_nothing_may_be_used_nothing_counts_but_that_they_are_there() -> None:
    census = Census(NOON)
    census.add([Member()])
    assert census.population() == Population(customers=1)


def test_nobody_counted_is_an_empty_population() -> None:
    empty = Census(NOON).population()
    assert (empty.customers, empty.standards) == (0, Standards())
    assert next_needs(empty.transitions, [Asked(NOON, "refund")], NOON).cold
