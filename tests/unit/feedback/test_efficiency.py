"""What tickets take: steps kept of a response, shares and means of them, and where time goes."""

import asyncio
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.documents import history_fields, history_of, outcome_document
from services.feedback.domain.efficiency import Effort
from services.feedback.domain.intervals import Pairs, Sample
from services.feedback.domain.quality import bucket_of
from services.feedback.domain.savings import ENOUGH_FOR_MEDIAN, Waits, most_saving
from tests.unit.feedback.quality_kit import Memory, response

HOUR = 3_600_000


def told(timings: dict[str, float]) -> Memory:
    memory = Memory()
    asyncio.run(memory.handler.record([response(1, timings=timings)]))
    return memory


def waits(intent: str, waited: int, hours: float = 1, known: int = 0, **reasons: int) -> Waits:
    times = {bucket_of(hours * HOUR): known} if known else {}
    return Waits(intent, 2 * waited, waited, reasons, times)


def test_the_time_of_each_worker_is_kept_and_nothing_that_is_none() -> None:
    steps = {"classify": 12.5, "personalize": 3.0, "generate": 80.0}
    memory = told({**steps, "total": 95.5, "a.$b": 1.0, "billing": 9.0})
    (outcome,) = memory.outcomes.values()
    assert (outcome.response.steps, outcome.response.total_ms) == (steps, 95.5)
    assert outcome_document(outcome)["steps"] == steps
    assert "ingest" in next(iter(told({"ingest": 1.0}).outcomes.values())).response.steps


def test_a_history_comes_back_from_its_document_and_one_without_steps_as_well() -> None:
    (history,) = told({"generate": 80.0, "total": 90.0}).tickets.values()
    (key,) = history.responses
    facts = history_fields(history)[f"responses.{key}"]
    assert history_of({"_id": "T-1", "responses": {key: facts}}) == history
    del facts["steps"]
    old = replace(history.responses[key], steps={})
    assert history_of({"_id": "T-1", "responses": {key: facts}}).responses == {key: old}


def test_the_steps_that_took_time_are_told_in_their_order() -> None:
    took = {"generate": Pairs(2, 30.0, 40.0), "ingest": Pairs(2, 10.0, 40.0), "classify": Pairs()}
    effort = Effort(2, 2, steps=took)
    assert effort.told_steps == ("ingest", "generate")
    assert [effort.share(step).value for step in effort.told_steps] == [0.25, 0.75]
    assert effort.share("generate").count == 2
    assert math.isnan(effort.share("personalize").value)


def test_a_share_of_the_time_ends_at_all_of_it() -> None:
    # 50 tickets of which half spent all of their second on one step, and half nine tenths.
    nearly = Pairs(50, 47.5, 50.0, 25 + 25 * 0.81, 50.0, 25 + 25 * 0.9)
    share = Effort(50, 50, steps={"generate": nearly}).share("generate")
    assert (share.value, share.low, share.high) == pytest.approx((0.95, 0.9356, 0.9644), abs=1e-4)
    once = Pairs(50, 49.9, 50.0, 49 + 0.81, 50.0, 49 + 0.9)
    assert Effort(50, 50, steps={"generate": once}).share("generate").high == 1.0


def test_of_no_ticket_nothing_is_known() -> None:
    for figure in (Effort().time_per_ticket, Effort().tokens_per_ticket, Effort().price_per_ticket):
        assert (math.isnan(figure.value), figure.count) == (True, 0)
    assert Effort(1, 1, time=Sample(1, 5.0, 25.0)).time_per_ticket.value == 5.0


def test_few_long_waits_outweigh_many_short_ones() -> None:
    first, second = most_saving(
        [waits("login", 100, hours=0.1, known=50), waits("fraud", 20, hours=5, known=20)]
    )
    assert (first.waits.intent, second.waits.intent) == ("fraud", "login")
    assert first.share == pytest.approx(100 / 110, abs=0.01)


def test_an_intent_with_few_known_waits_borrows_the_median_of_all() -> None:
    known = waits("refund", 60, hours=1, known=40)
    for count, borrowed in ((ENOUGH_FOR_MEDIAN - 1, True), (ENOUGH_FOR_MEDIAN, False)):
        found = {one.waits.intent: one for one in most_saving([known, waits("tax", 30, 4, count)])}
        tax = found["tax"]
        assert (tax.borrowed, tax.known.count) == (borrowed, count)
        assert tax.each.value == pytest.approx((1 if borrowed else 4) * HOUR, rel=0.05)
        # 30 of one hour beside 60 are a third; 30 of four hours are two thirds.
        assert tax.share == pytest.approx(1 / 3 if borrowed else 2 / 3, abs=0.02)
        assert tax.known.value == pytest.approx(4 * HOUR, rel=0.05)


def test_while_no_time_is_known_replies_count() -> None:
    first, second = most_saving([waits("login", 1), waits("refund", 3), waits("none", 0)])
    assert (first.waits.intent, first.share, second.share) == ("refund", 0.75, 0.25)
    assert first.each.count == 0
    assert most_saving([waits("none", 0)]) == ()


def test_the_main_reason_is_the_most_frequent_and_of_two_the_first_by_name() -> None:
    (one,) = most_saving([waits("tax", 9, urgent=4, complaint=4, fraud=1)])
    assert one.reason == "complaint"
    (one,) = most_saving([waits("tax", 9, urgent=5, complaint=4)])
    assert one.reason == "urgent"
    (one,) = most_saving([waits("tax", 9)])
    assert one.reason is None


@given(
    st.lists(
        st.builds(
            waits,
            st.text("abc", min_size=1, max_size=3),
            st.integers(0, 500),
            st.floats(0, 1000),
            st.integers(0, 20),
        ),
        max_size=8,
        unique_by=lambda one: one.intent,
    )
)
def test_shares_fall_and_sum_up_to_all_of_peoples_time(intents: list[Waits]) -> None:
    found = most_saving(intents)
    assert {one.waits.intent for one in found} == {one.intent for one in intents if one.waited}
    shares = [one.share for one in found]
    assert shares == sorted(shares, reverse=True)
    assert math.fsum(shares) == pytest.approx(1 if found else 0)
