"""More messages than can be grouped: what is drawn, what is told of it, what stays exact."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from services.feedback.domain.insight.findings import Findings, find
from services.feedback.domain.insight.groups import Group
from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Message, customers
from services.feedback.domain.insight.sample import MOST_OF_ONE, Size, drawn
from services.feedback.insights.__main__ import sampled
from services.feedback.insights.announcements import announcements
from services.feedback.insights.clustering import by_average_linkage
from services.feedback.insights.page import page
from services.feedback.insights.reading import read
from services.feedback.insights.wording import LANGUAGES, Wording, about
from tests.unit.feedback.insight_messages import END, messages

ALL = messages()
TIMES = 6
MANY = tuple(
    replace(m, ticket_id=f"{m.ticket_id}-{n}", customer_key=f"{m.customer_key}-{n}")
    for m in ALL
    for n in range(TIMES)
)
"""Every customer six times over."""
FEW = Limits(most_grouped=60)


def found_in(told: Sequence[Message], limits: Limits = FEW) -> Findings:
    return find(told, end=END, days=7, cluster=by_average_linkage, limits=limits)


@pytest.fixture(scope="module")
def findings() -> Findings:
    return found_in(MANY)


def written(customer: int, number: int) -> Message:
    """The `number`th message of a customer, the later customers' the newer."""
    at = END - timedelta(minutes=10_000 - customer, seconds=number)
    return replace(ALL[0], ticket_id=f"T-{customer}-{number}", customer_key=f"c{customer}", at=at)


def test_up_to_the_limit_nothing_is_left_out() -> None:
    told = [written(n, 0) for n in range(100)]
    whole, part = drawn(told, 100), drawn(told, 99)
    assert whole.is_whole and whole.messages == tuple(told) and whole.weight == 1
    assert not part.is_whole and len(part.messages) == 99
    assert (part.drawn, part.every) == (Size(99, 99), Size(100, 100))
    assert drawn([], 10).weight == 1


def test_the_newest_are_drawn_no_more_often_than_the_oldest() -> None:
    """4,000 of 40,000: each fifth of the time gives a fifth of the sample, give or take chance."""
    sample = drawn([written(n, 0) for n in range(40_000)], 4_000)
    drawn_when = [int(str(m.customer_key)[1:]) // 8_000 for m in sample.messages]
    counts = np.bincount(drawn_when, minlength=5)
    # Chi-square with 4 degrees of freedom: 18.5 is passed once in a thousand.
    assert float(((counts - 800) ** 2 / 800).sum()) < 18.5
    assert sample.weight == pytest.approx(10)


def test_a_customer_is_drawn_with_all_messages_and_weighs_as_much_as_any_other() -> None:
    """Half of the customers write three times as much: of those drawn they are half, too."""
    told = [written(n, k) for n in range(2_000) for k in range(3 if n % 2 else 1)]
    sample = drawn(told, 800)
    often = {m.person for m in sample.messages if int(str(m.customer_key)[1:]) % 2}
    assert len(often) / sample.drawn.customers == pytest.approx(0.5, abs=0.08)
    assert sum(m.person in often for m in sample.messages) == 3 * len(often)
    assert sample.weight * sample.drawn.customers == pytest.approx(2_000)


def test_who_writes_without_end_does_not_fill_the_sample() -> None:
    """Any of the others could be who does: whether their lot is drawn early or not at all."""
    others = [written(n, 0) for n in range(1, 500)]
    loud = []
    for customer in range(1_000, 1_020):
        sample = drawn([written(customer, k) for k in range(500)] + others, 300)
        assert len(sample.messages) > 300 - MOST_OF_ONE
        loud.append(sum(m.customer_key == f"c{customer}" for m in sample.messages))
    assert set(loud) == {0, MOST_OF_ONE}


def test_the_same_messages_give_the_same_sample_in_any_order() -> None:
    told = [written(n, 0) for n in range(500)]
    assert drawn(told[::-1] + told[:50], 100) == drawn(told, 100)


def test_what_is_counted_is_exact_however_many_there_are(findings: Findings) -> None:
    exact = found_in(MANY, Limits())
    for one in (findings, exact):
        now = [m for m in MANY if END - timedelta(days=7) < m.at <= END]
        assert (one.messages, one.customers) == (len(now), customers(now))
    assert [(w.intent, w.change) for w in findings.wishes] == [
        (w.intent, w.change) for w in exact.wishes
    ]
    assert [(c.name, c.share, c.others) for c in findings.causes] == [
        (c.name, c.share, c.others) for c in exact.causes
    ]
    assert findings.samples.troubles.drawn.messages <= FEW.most_grouped
    assert exact.samples.troubles.is_whole


def test_a_trouble_in_a_sample_is_told_with_an_estimate_of_all(findings: Findings) -> None:
    sample, (locker, *_) = findings.samples.troubles, findings.troubles
    assert {m.ticket_id.split("-")[0] for m in locker.messages} == {"locker"}
    assert locker.customers == round(locker.group.counted * sample.weight)
    assert locker.customers == pytest.approx(18 * TIMES, rel=0.25)
    assert locker.group.counted < 18 * TIMES / 2


def test_a_sample_makes_no_trend_where_there_is_none() -> None:
    """What is as frequent as before stays so: the newest messages alone would all be of now."""
    rude = [m for m in MANY if m.ticket_id.startswith(("rude", "status", "invoice"))]
    wide = [
        replace(m, ticket_id=f"{m.ticket_id}-{n}", customer_key=f"{m.customer_key}-{n}")
        for m in rude
        for n in range(4)
    ]
    (trouble,) = found_in(wide, Limits(most_grouped=120)).troubles
    assert trouble.change is not None
    assert trouble.change.count_before > 30 and trouble.change.count > 30
    assert not trouble.changed(FEW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_how_many_of_how_many_were_grouped(findings: Findings, language: str) -> None:
    content = page(findings, Wording(language))
    sample = findings.samples.troubles
    counted = (sample.drawn.messages, sample.every.messages, sample.drawn.customers)
    said = Wording(language).sample(sample, FEW.least_unhappy)
    assert said in content and all(str(number) in said for number in counted)
    assert about(findings.troubles[0].group).startswith("≈")
    assert content.count(about(findings.troubles[0].group)) >= 2, "in the card and above"
    titles = [
        getattr(event.data, "title", "") for event in announcements(findings, Wording(language))
    ]
    assert any("≈" in title for title in titles)
    whole = page(found_in(ALL, Limits()), Wording(language))
    assert Wording(language).text("page", "sample").split("{")[0] not in whole
    assert ">≈" not in whole


def test_the_command_says_what_was_found_in_a_sample_only(findings: Findings) -> None:
    sample = findings.samples.troubles
    assert sampled(findings)[0] == (
        f"troubles: a sample, {sample.drawn.messages} of {sample.every.messages} messages "
        f"({sample.drawn.customers} of {sample.every.customers} customers)"
    )
    assert sampled(found_in(ALL, Limits())) == []


def test_estimates_have_two_digits() -> None:
    group = Group((written(1, 0), written(2, 0)), 1.0, {}, weight=1717.3)
    assert (group.customers, about(group)) == (3435, "≈3,400")
    assert about(replace(group, weight=4.2)) == "≈8"
    assert about(replace(group, weight=1.0)) == "2"


class Store:
    """Messages as a database gives them: without what they say, or whole, one by one."""

    def __init__(self, told: Sequence[Message]) -> None:
        self.told = told

    async def messages(self, since: datetime) -> AsyncIterator[Message]:
        for one in self.told:
            if one.at >= since:
                yield one

    async def outlines(self, since: datetime) -> AsyncIterator[Message]:
        async for one in self.messages(since):
            yield replace(one, text="", words=(), vector=None, agent_reply=None)


async def test_read_twice_as_found_at_once(findings: Findings) -> None:
    found = await read(Store(MANY[::-1]), 7, END, FEW)
    assert found.troubles and found.gaps and found.new_intents
    for language in LANGUAGES:
        assert page(found, Wording(language)) == page(findings, Wording(language))
