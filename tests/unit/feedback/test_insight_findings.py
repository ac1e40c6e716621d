"""What comes first, and what is published of it."""

import math
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from services.feedback.domain.insight.findings import Findings, find, headlines, needed_since
from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Message
from services.feedback.domain.insight.repeats import Cause
from services.feedback.domain.insight.unhappy import Trouble
from services.feedback.domain.insight.wishes import Wish
from services.feedback.insights.announcements import MOST_OF_KIND, announcements
from services.feedback.insights.clustering import by_average_linkage
from services.feedback.insights.wording import LANGUAGES, Wording
from shared.events import InsightReported
from tests.unit.feedback.insight_messages import END, messages


def found_in(told: tuple[Message, ...] | list[Message]) -> Findings:
    return find(told, end=END, days=7, cluster=by_average_linkage)


@pytest.fixture(scope="module")
def findings() -> Findings:
    return found_in(messages())


def test_the_first_three_are_those_that_concern_most_customers(findings: Findings) -> None:
    first, second, third = headlines(findings)
    assert isinstance(first, Wish)
    assert first.intent == "refund"
    assert isinstance(second, Trouble)
    assert second.customers == 18
    assert isinstance(third, Cause)
    assert third.name == "Orbit V8"


def test_a_larger_trouble_comes_before_a_smaller_growth() -> None:
    told = list(messages())
    more = [
        replace(m, ticket_id=f"{m.ticket_id}-{n}", customer_key=f"{m.customer_key}-{n}")
        for m in told
        if m.ticket_id.startswith("rude")
        for n in range(6)
    ]
    first = headlines(found_in([*told, *more]))[0]
    assert isinstance(first, Trouble)
    assert first.customers == 49


def test_counts_are_of_this_period(findings: Findings) -> None:
    now = [m for m in messages() if END - timedelta(days=7) < m.at <= END]
    assert findings.messages == len(now)
    assert set(findings.tickets) == {m.ticket_id for m in now}
    assert findings.customers == len({m.customer_key for m in now})


def test_quiet_weeks_have_no_findings() -> None:
    quiet = [m for m in messages() if m.intent in ("order_status", "invoice", "usage_plan")]
    found = found_in(quiet)
    assert headlines(found) == ()
    assert announcements(found, Wording("en")) == ()


def test_nothing_at_all_is_told_without_an_error() -> None:
    found = found_in([])
    assert (found.messages, found.overall, headlines(found)) == (0, None, ())


def test_a_days_report_reads_far_enough_back_to_see_repeats() -> None:
    assert needed_since(END, 1, Limits()) == END - timedelta(days=4)
    assert needed_since(END, 7, Limits()) == END - timedelta(days=14)
    contacts = [
        replace(m, at=END - timedelta(hours=70 if m.ticket_id.endswith("-1") else 84))
        for m in messages()
        if m.ticket_id.startswith(("vacuum-", "status-"))
    ]
    one_day = find(contacts, end=END, days=1, cluster=by_average_linkage)
    assert {cause.name for cause in one_day.causes} == {"Orbit V8", "technical"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_events_tell_the_planted_findings(findings: Findings, language: str) -> None:
    events = announcements(findings, Wording(language))
    told = [event.data for event in events]
    assert all(isinstance(data, InsightReported) for data in told)
    titles = {data.kind: data.title for data in reversed(told) if isinstance(data, InsightReported)}
    assert set(titles) == {
        "growing_wish",
        "unhappy_customers",
        "unanswered_question",
        "new_intent",
        "repeated_contact",
    }
    refund, locker = ("退款", "取件码") if language == "zh" else ("Refund", "ocker")
    assert refund in titles["growing_wish"]
    assert "36" in titles["growing_wish"]
    assert locker in titles["unhappy_customers"]
    assert "Orbit V8" in titles["repeated_contact"]


def test_events_have_figures_that_are_numbers_and_no_personal_data(findings: Findings) -> None:
    for event in announcements(findings, Wording("en")):
        data = event.data
        assert isinstance(data, InsightReported)
        assert data.reported_at == END
        assert data.figures["tickets"] >= data.figures["customers"] >= 5
        assert all(math.isfinite(value) for value in data.figures.values())
        assert not re.search(r"\[[A-Z]+_\d+\]|\d{6}", data.title)


def test_the_same_day_gives_the_same_ids_and_another_day_others(findings: Findings) -> None:
    first = [event.id for event in announcements(findings, Wording("en"))]
    assert len(set(first)) == len(first)
    assert [event.id for event in announcements(findings, Wording("zh"))] == first
    later = find(messages(), end=END + timedelta(days=1), days=7, cluster=by_average_linkage)
    assert not {event.id for event in announcements(later, Wording("en"))} & set(first)


def test_the_number_of_events_is_bounded() -> None:
    told = [
        replace(m, ticket_id=f"{m.ticket_id}{n}", customer_key=f"{m.ticket_id}{n}", intent=f"i{n}")
        for m in messages()
        if m.ticket_id.startswith("gift")
        for n in range(6)
    ]
    found = found_in([*messages(), *told])
    assert len(found.wishes) > MOST_OF_KIND
    kinds = [e.data.kind for e in announcements(found, Wording("en")) if hasattr(e.data, "kind")]
    assert kinds.count("growing_wish") == MOST_OF_KIND
