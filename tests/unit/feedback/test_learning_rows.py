"""What people said becomes training rows: whose word counts, what is set aside, and how many."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.domain.learning.caps import Caps, capped
from services.feedback.domain.learning.rows import (
    Label,
    Message,
    TrainingRow,
    candidates,
    likeness,
    record,
    settled,
)

START = datetime(2026, 11, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def message(text: str = "where is it", *labels: Label, confirmed: float | None = None) -> Message:
    moment = None if confirmed is None else at(confirmed)
    return Message("T1", "m1", text, "en", "order_status", "c1", labels, moment)


def row(
    number: int, intent: str, *, text: str = "", customer: str = "", agent: str | None = None
) -> TrainingRow:
    ticket = f"T{number:04}"
    return TrainingRow(
        text or f"{'x' * (number + 1)}",
        "en",
        intent,
        "correction" if agent else "confirmed",
        ticket,
        "m1",
        customer or f"c{number}",
        agent,
        at(number),
    )


def test_a_correction_says_whose_it_is_and_replaces_the_model_s_word() -> None:
    (found,) = candidates([message("my [NAME_1] order", Label("refund", "a1", at(1)))])
    assert (found.intent, found.source, found.at) == ("refund", "correction", at(1))
    assert (found.ticket_id, found.message_id) == ("T1", "m1")
    assert (found.customer_key, found.agent_key) == ("c1", "a1")
    assert found.text == "my [NAME_1] order"


def test_an_agent_s_final_label_that_agrees_confirms() -> None:
    (found,) = candidates([message("hi", Label("order_status", "a1", at(1)))])
    assert (found.source, found.agent_key) == ("confirmed", "a1")


def test_the_later_correction_of_the_same_agent_wins_however_they_come() -> None:
    labels = [Label("refund", "a1", at(1)), Label("invoice", "a1", at(2))]
    for given_labels in (labels, labels[::-1]):
        assert [r.intent for r in candidates([message("hi", *given_labels)])] == ["invoice"]


def test_a_good_outcome_confirms_only_where_no_agent_said_otherwise() -> None:
    (found,) = candidates([message(confirmed=5)])
    assert (found.intent, found.source) == ("order_status", "confirmed")
    assert found.speaker == ("customer", "c1")
    (found,) = candidates([message("hi", Label("refund", "a1", at(1)), confirmed=5)])
    assert (found.intent, found.speaker) == ("refund", ("agent", "a1"))


def test_silence_is_no_row() -> None:
    assert candidates([message()]) == []


def test_two_agents_of_two_minds_about_a_message_leave_nothing_to_learn() -> None:
    told = message("hi", Label("refund", "a1", at(1)), Label("invoice", "a2", at(2)))
    found = settled(candidates([told]))
    assert found.rows == ()
    assert [one.reason for one in found.aside] == ["disagreement", "disagreement"]


def test_two_agents_of_one_mind_make_one_row() -> None:
    told = message("hi", Label("refund", "a1", at(1)), Label("refund", "a2", at(2)))
    found = settled(candidates([told]))
    assert [r.at for r in found.rows] == [at(2)]
    assert found.aside == ()


def test_near_identical_texts_with_other_labels_are_set_aside() -> None:
    rows = [
        row(1, "refund", text="Money back, [NAME_1]!"),
        row(2, "invoice", text="money  back [NAME_2]"),
        row(3, "loan", text="something else"),
    ]
    found = settled(rows)
    assert [r.intent for r in found.rows] == ["loan"]
    assert {one.row.intent for one in found.aside} == {"refund", "invoice"}


@pytest.mark.parametrize(("against", "kept"), [(1, 4), (2, 4), (3, 0)])
def test_one_voice_cannot_silence_twice_as_many(against: int, kept: int) -> None:
    rows = [row(n, "refund", text="money back", agent=f"a{n}") for n in range(4)]
    rows += [row(9 + n, "loan", text="money back", agent=f"b{n}") for n in range(against)]
    found = settled(rows)
    assert [r.intent for r in found.rows] == ["refund"] * kept


def test_the_same_voice_often_is_one_voice() -> None:
    rows = [row(n, "loan", text="money back", agent="loud") for n in range(9)]
    rows += [row(20 + n, "refund", text="money back", agent=f"a{n}") for n in range(2)]
    assert {r.intent for r in settled(rows).rows} == {"refund"}


def test_what_is_alike() -> None:
    assert likeness("Where's  MY order [EMAIL_1]?!") == likeness("where s my order [EMAIL_12]")
    assert likeness("订单１２３") == likeness("订单123")
    assert likeness("order 123") != likeness("order 124")
    assert likeness("!!!") != likeness("???")


def test_caps_keep_the_newest_of_a_customer_and_of_an_agent() -> None:
    rows = [row(n, "refund", agent="loud") for n in range(30)]
    found = capped(rows, Caps(0.05, 20))
    assert [r.at for r in found.rows] == [at(n) for n in range(29, 9, -1)]
    assert {one.reason for one in found.aside} == {"cap: more than 20 rows of one agent"}
    rows = [row(n, "refund", customer="loud") for n in range(30)]
    assert len(capped(rows, Caps(0.05, 20)).rows) == 20


def test_the_share_is_of_what_is_learned_from_so_flooding_does_not_raise_it() -> None:
    honest = [row(n, "refund") for n in range(950)]
    flood = [row(1000 + n, "loan", agent="loud") for n in range(5000)]
    found = capped([*honest, *flood], Caps(0.05, 20))
    assert sum(r.agent_key == "loud" for r in found.rows) == 50  # 5 % of 1000
    assert len(capped(flood, Caps(0.05, 20), beside=9500).rows) == 500  # 5 % of 10000


def test_who_has_no_name_shares_one_cap() -> None:
    told = [
        Message(f"T{n}", "m1", f"{'x' * n}", "en", "loan", None, (Label("refund", None, at(n)),))
        for n in range(1, 31)
    ]
    assert len(capped(candidates(told), Caps(0.05, 20)).rows) == 20


def test_a_record_is_json_with_its_provenance() -> None:
    told = json.loads(json.dumps(record(row(1, "refund", text="钱", agent="a1"))))
    assert told == {
        "text": "钱",
        "language": "en",
        "intent": "refund",
        "source": "correction",
        "ticket_id": "T0001",
        "message_id": "m1",
        "customer_key": "c1",
        "agent_key": "a1",
        "at": "2026-11-01T01:00:00+00:00",
    }


people = st.sampled_from(["a", "b", "c", None])
messages = st.builds(
    Message,
    st.sampled_from([f"T{n}" for n in range(40)]),
    st.just("m1"),
    st.sampled_from(["hi", "Hi!", "money back", "where is it", "loan please"]),
    st.just("en"),
    st.sampled_from(["refund", "loan"]),
    people,
    st.lists(
        st.builds(Label, st.sampled_from(["refund", "loan"]), people, st.integers(0, 9).map(at)),
        max_size=3,
    ).map(tuple),
    st.none() | st.integers(0, 9).map(at),
)


@given(st.lists(messages, max_size=40, unique_by=lambda m: m.ticket_id), st.randoms())
def test_order_changes_nothing_and_nothing_gets_lost_or_over_the_cap(
    told: list[Message], shuffle: random.Random
) -> None:
    caps = Caps(0.1, 2)
    rows = candidates(told)
    undisputed = settled(rows)
    found = capped(undisputed.rows, caps)
    other = [replace(m, labels=tuple(shuffle.sample(m.labels, len(m.labels)))) for m in told]
    shuffle.shuffle(other)
    assert capped(settled(candidates(other)).rows, caps) == found
    accounted = {(r.ticket_id, r.message_id) for r in found.rows}
    accounted |= {(one.row.ticket_id, "m1") for one in (*found.aside, *undisputed.aside)}
    assert accounted == {(r.ticket_id, r.message_id) for r in rows}
    limit = caps.limit(len(found.rows))
    for key in {r.customer_key for r in found.rows}:
        assert sum(r.customer_key == key for r in found.rows) <= limit
