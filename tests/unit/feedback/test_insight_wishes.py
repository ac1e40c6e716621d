"""Which wishes are said to change, and that chance and single customers change none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Message
from services.feedback.domain.insight.periods import Periods
from services.feedback.domain.insight.wishes import changed_wishes, overall
from tests.unit.feedback.insight_messages import END, messages

WEEKS = Periods.until(END, 7)
ONE = messages()[0]


def wished(intent: str, before: int, now: int, *, by_one: bool = False) -> Iterator[Message]:
    """Spread over their weeks."""
    for count, end, name in ((before, WEEKS.start, "b"), (now, WEEKS.end, "n")):
        for number in range(count):
            ticket = f"{intent}-{name}-{number}"
            yield replace(
                ONE,
                ticket_id=ticket,
                customer_key=intent if by_one else ticket,
                intent=intent,
                at=end - timedelta(hours=167.9 * number / count),
            )


def test_only_the_planted_wishes_changed() -> None:
    found = changed_wishes(messages(), WEEKS, Limits())
    grown = {wish.intent for wish in found}
    assert grown == {"refund", "delivery_problem", "product_info"}
    refund = next(wish for wish in found if wish.intent == "refund")
    assert (refund.change.count, refund.change.count_before) == (36, 12)
    assert len(refund.messages) == 36
    assert len(refund.earlier) == 12
    assert found[0] is refund, "the one with most customers beyond the expected comes first"


def test_a_wish_that_shrinks_is_told() -> None:
    told = [*wished("invoice", 40, 10), *wished("loan", 60, 60)]
    (shrunk,) = changed_wishes(told, WEEKS, Limits())
    assert shrunk.intent == "invoice"
    assert not shrunk.change.grew
    assert shrunk.extra < 0


def test_one_customer_is_no_trend() -> None:
    told = [*wished("loan", 40, 40), *wished("refund", 1, 90, by_one=True)]
    assert changed_wishes(told, WEEKS, Limits()) == ()


def test_the_set_size_is_needed() -> None:
    told = [*wished("loan", 40, 40), *wished("transfer", 0, 9)]
    assert changed_wishes(told, WEEKS, Limits(least_wish=10)) == ()
    assert [wish.intent for wish in changed_wishes(told, WEEKS, Limits(least_wish=9))] == [
        "transfer"
    ]


def test_many_intents_are_tested_as_many() -> None:
    # 17 against 6 is significant alone (p = 0.035), not among twenty steady ones.
    one = list(wished("refund", 6, 17))
    anchor = list(wished("loan", 150, 150))
    assert [wish.intent for wish in changed_wishes(one, WEEKS, Limits())] == []
    history = [replace(one[0], at=WEEKS.start_before + timedelta(minutes=1), ticket_id="first")]
    alone = changed_wishes([*one, *history], WEEKS, Limits(false_discoveries=0.1))
    assert [wish.intent for wish in alone] == ["refund"]
    others = [told for n in range(20) for told in wished(f"other-{n}", 15, 15)]
    crowd = [*one, *history, *anchor, *others]
    assert changed_wishes(crowd, WEEKS, Limits(false_discoveries=0.1)) == ()


def test_steady_traffic_makes_few_findings() -> None:
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(60):
        counts = rng.poisson(30, size=(8, 2))
        told = [m for i, (b, n) in enumerate(counts) for m in wished(f"w{i}", int(b), int(n))]
        told.append(replace(ONE, ticket_id="first", at=WEEKS.start_before + timedelta(hours=1)))
        alarms += bool(changed_wishes(told, WEEKS, Limits()))
    assert alarms <= 6, "at most some 5 % of quiet weeks raise an alarm"


def test_without_a_week_before_nothing_grew() -> None:
    told = list(wished("refund", 0, 90))
    assert overall(told, WEEKS) is None
    assert changed_wishes(told, WEEKS, Limits()) == ()


def test_half_a_week_before_counts_as_half() -> None:
    half = WEEKS.start - timedelta(days=3.5)
    told = [m for m in wished("loan", 160, 160) if m.at >= half]
    change = overall(told, WEEKS)
    assert change is not None
    assert change.count == 160
    assert change.count_before == pytest.approx(80, abs=1)
    assert change.ratio == pytest.approx(1, abs=0.02)


def test_periods_do_not_overlap() -> None:
    edge = [
        replace(ONE, ticket_id=str(n), at=at)
        for n, at in enumerate([WEEKS.start_before, WEEKS.start, WEEKS.end])
    ]
    assert [m.ticket_id for m in WEEKS.now(edge)] == ["2"]
    assert [m.ticket_id for m in WEEKS.before(edge)] == ["1"]
    assert WEEKS.daily(edge) == (0,) * 6 + (1,) + (0,) * 6 + (1,)


@pytest.mark.parametrize("days", [0, -1, float("nan")])
def test_a_period_has_a_length(days: float) -> None:
    with pytest.raises(ValueError, match="more than 0 days"):
        Periods.until(END, days)
