"""Simulated customers: what they do, and what is known of the truth."""

import random
from collections import Counter
from dataclasses import replace

import orjson
import pytest

from deploy.simulation import learner
from deploy.simulation.chart import Chapter, Mark, drawn, series
from deploy.simulation.people import Customer, Reply, Ticket, heard, reactions
from deploy.simulation.population import SERVED, Population
from deploy.simulation.town import START
from deploy.simulation.truth import Case, automation, best, wrong
from deploy.simulation.wishes import Corpus, Wish, abbreviated, corpus, varied
from services.feedback.domain.policy import Policy, Promise
from shared.envelope import decode
from shared.events import FeedbackRated, LabelCorrected, ResponseReviewed, TicketReopened
from tests.unit.shared.kit import Record

LABELS = ["refund", "invoice"]
REFUND = Wish("money back", "en", ("refund",), frozenset({"en/shop.md#refund"}))
RIGHT = frozenset({"en/shop.md#refund"})
WRONG = frozenset({"en/shop.md#invoice"})


@pytest.fixture(scope="module")
def seed() -> Corpus:
    return corpus("booking")


def ticket(number: int = 0, patience: float = 0.0, hostile: bool = False) -> Ticket:
    return Ticket(f"T-{number}", Customer(f"c{number}", patience, hostile), REFUND)


def reply(
    decision: str = "answer", cited: frozenset[str] = RIGHT, confidence: float = 0.9
) -> Reply:
    reasons = ("below_threshold",) if decision == "draft" else ()
    return Reply("r1", decision, "refund", confidence, reasons, cited, "classifier@1")


def cases(good: int, bad: int, confidence: float, decision: str = "answer") -> list[Case]:
    return [
        Case(1, ticket(n), reply(decision, RIGHT if n < good else WRONG, confidence))
        for n in range(good + bad)
    ]


def kinds(said: list[dict[str, object]]) -> set[object]:
    return {event["type"] for event in said}


def test_an_answer_is_right_if_it_cites_what_answers_the_message() -> None:
    assert reply(cited=RIGHT).is_right(REFUND)
    assert not reply(cited=WRONG).is_right(REFUND)
    assert reply("act", frozenset()).is_right(REFUND)
    assert not replace(reply("act", frozenset()), intent="invoice").is_right(REFUND)


def test_customers_who_were_helped_praise_close_or_say_nothing() -> None:
    verdicts = Counter(heard(reactions(ticket(n), reply(), LABELS)) for n in range(1000))
    assert verdicts[True] == 0
    assert verdicts[False] == pytest.approx(500, abs=60)


def test_who_was_not_helped_speaks_unless_patient() -> None:
    assert reactions(ticket(patience=1.0), reply(cited=WRONG), LABELS) == []
    said = [reactions(ticket(n), reply(cited=WRONG), LABELS) for n in range(200)]
    assert all(heard(one) for one in said)
    told = kinds([event for one in said for event in one])
    assert told == {FeedbackRated.TYPE, TicketReopened.TYPE, LabelCorrected.TYPE}


def test_hostile_customers_call_a_right_answer_bad() -> None:
    (rated,) = reactions(ticket(hostile=True), reply(), LABELS)
    assert rated["data"]["rating"] == 1
    assert heard([rated])


def test_agents_review_drafts_by_the_truth() -> None:
    for cited, bad in ((RIGHT, False), (WRONG, True)):
        said = [reactions(ticket(n), reply("draft", cited), LABELS) for n in range(100)]
        verdicts = [heard(one) for one in said]
        assert {one for one in verdicts if one is not None} == {bad}
        assert sum(one is not None for one in verdicts) == pytest.approx(90, abs=10)


def test_the_same_ticket_gets_the_same_reaction_and_it_is_an_event_of_the_contract() -> None:
    for decision in ("answer", "draft", "escalate"):
        for number in range(50):
            first = reactions(ticket(number), reply(decision, WRONG), LABELS)
            assert first == reactions(ticket(number), reply(decision, WRONG), LABELS)
            for event in first:
                headers = [("content-type", b"application/cloudevents+json")]
                record = Record(orjson.dumps(event), headers, 0, topic="ingest")
                assert decode(record, now=START).type == event["type"]
    reviewed = reactions(ticket(1), reply("draft"), LABELS)
    assert ResponseReviewed.TYPE in kinds(reviewed)


def test_what_is_learned_from_is_not_what_is_asked_and_the_new_wish_is_in_neither(
    seed: Corpus,
) -> None:
    learned = {row["text"] for row in seed.learned}
    assert not learned & {wish.text for wish in seed.asked}
    assert "booking" not in {row["intent"] for row in seed.learned}
    assert len(seed.of("booking")) > 200
    assert len(learned) > 4000


def test_a_population_is_the_same_for_the_same_seed_and_halves_have_no_wish_in_common(
    seed: Corpus,
) -> None:
    first, again, other = (Population(seed, "booking", number) for number in (1, 1, 2))
    written = first.day(50)
    assert written == again.day(50) != other.day(50)
    assert len({one.customer.customer_id for one in written}) == 50
    half = {one.wish.intents for one in first.day(400, new=0.5, half=0)}
    assert {("booking",)} < half
    assert {intents[0] for intents in half} >= set(SERVED)


def test_wishes_keep_their_meaning_in_other_words() -> None:
    chance = random.Random(0)
    others = {varied(REFUND, chance).text for _ in range(50)}
    assert len(others) > 10
    assert {varied(REFUND, chance).intents for _ in range(50)} == {("refund",)}
    assert abbreviated(replace(REFUND, text="Where is my parcel?")).text == "whre is my prcl?"
    chinese = Wish("退款", "zh", ("refund",), RIGHT)
    assert abbreviated(chinese) == chinese


def test_the_best_threshold_is_the_loosest_that_keeps_alpha() -> None:
    """At 0.9 1 of 10 is wrong, at 0.6 and above 3 of 20, at 0.4 and above 8 of 30."""
    known = cases(9, 1, 0.9) + cases(8, 2, 0.6) + cases(5, 5, 0.4, "draft")
    escalated = [Case(1, ticket(), reply("escalate", frozenset(), 0.1))] * 10
    every = [*known, *escalated]
    assert automation(every, best(every, 0.15, 0.95)) == 20 / 40
    assert automation(every, best(every, 0.1, 0.95)) == 10 / 40
    assert automation(every, best(every, 0.3, 0.95)) == 30 / 40
    assert automation(every, Policy(0, 0.95)) == 0
    assert wrong(every) == 3 / 20


def test_the_learner_alone_lowers_what_is_good_and_keeps_what_is_not() -> None:
    promise = Promise(0.15, 0.1, 0.9, intents=1)
    good = [replace(one, day=day) for day in range(30) for one in cases(20, 0, 0.5, "draft")]
    bad = [replace(one, day=day) for day in range(30) for one in cases(10, 10, 0.5, "draft")]
    assert learner.replayed(good, promise, LABELS).threshold("refund") <= 0.5
    assert learner.replayed(bad, promise, LABELS).threshold("refund") == 0.9
    runs = learner.runs(bad, promise, seeds=5, days=30)
    assert (runs.runs, runs.broken) == (5, 0)


def test_the_chart_has_every_line_chapter_and_mark() -> None:
    told = [Case(day, ticket(n), reply()) for day in range(1, 7) for n in range(3)]
    chart = drawn(series(told), [Chapter("steady <1>", 1, 6)], [Mark(3, "promoted")], 0.15)
    assert chart.count("<polyline") == 3
    for said in ("steady &lt;1&gt;", "promoted", "automatic 100%", "wrong 0%", "15% wrong"):
        assert said in chart
