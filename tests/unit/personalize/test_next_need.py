"""What comes next: counted over many customers, told for one, never impossible, never unbounded."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.personalize.domain.counts import LONGEST_NAME, MOST_NAMES, OTHER
from services.personalize.domain.next_need import (
    HALF_LIFE,
    Asked,
    NextNeeds,
    Transitions,
    merged,
    next_needs,
    with_transition,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
INTENTS = ("order_status", "refund", "return")


def learned(*histories: Sequence[str]) -> Transitions:
    table = Transitions()
    for history in histories:
        for place, intent in enumerate(history):
            table = with_transition(table, history[place - 1] if place else None, intent)
    return table


def asked(*intents: str) -> list[Asked]:
    return [Asked(NOON + timedelta(minutes=i), intent) for i, intent in enumerate(intents)]


def by_intent(needs: NextNeeds) -> dict[str, float]:
    return {need.intent: need.probability for need in needs.ranked}


def test_what_followed_most_is_expected() -> None:
    table = learned(*[["order_status", "refund"]] * 8, ["order_status", "return"])
    found = next_needs(table, asked("order_status"), NOON)
    assert found.ranked[0].intent == "refund"
    assert (found.cold, found.known) == (False, 9)


def test_the_probabilities_are_those_of_witten_and_bell() -> None:
    # Counted: a 3, b 2, c 0; after a: b twice. Prior with half a ticket each: 3.5, 2.5, 0.5 of 6.5.
    table = learned(["a", "b"], ["a", "b"], ["a"])
    found = by_intent(next_needs(table, asked("a"), NOON, permitted=["c"]))
    assert found["a"] == pytest.approx((0 + 1 * 3.5 / 6.5) / 3)
    assert found["b"] == pytest.approx((2 + 1 * 2.5 / 6.5) / 3)
    assert found["c"] == pytest.approx((0 + 1 * 0.5 / 6.5) / 3)


def test_old_tickets_say_half_as_much_after_the_half_life() -> None:
    table = learned(*[["a", "b"]] * 5, *[["c", "c"]] * 5)
    prior = by_intent(next_needs(table, [], NOON))
    fresh = by_intent(next_needs(table, [Asked(NOON, "a")], NOON))
    old = by_intent(next_needs(table, [Asked(NOON - HALF_LIFE, "a")], NOON))
    assert old["b"] == pytest.approx((fresh["b"] + prior["b"]) / 2)


def test_the_newest_ticket_counts_most_in_whatever_order_they_come() -> None:
    table = learned(*[["a", "b"]] * 9, *[["c", "d"]] * 9)
    history = asked("a", "c")
    found = next_needs(table, history, NOON + timedelta(hours=1))
    assert [need.intent for need in found.ranked[:2]] == ["d", "b"]
    assert next_needs(table, history[::-1], NOON + timedelta(hours=1)) == found


@pytest.mark.parametrize("history", [[], ["never seen"]])
def test_somebody_of_whom_nothing_is_known_gets_the_prior_and_is_told_so(
    history: list[str],
) -> None:
    found = next_needs(learned(["a", "b"], ["a"]), asked(*history), NOON)
    assert (found.cold, found.known) == (True, 0)
    assert by_intent(found) == pytest.approx({"a": 2.5 / 4, "b": 1.5 / 4})


def test_before_any_ticket_all_permitted_intents_are_alike() -> None:
    found = next_needs(Transitions(), asked("a"), NOON, permitted=["y", "x"])
    assert found.ranked == (("x", 0.5), ("y", 0.5))
    assert next_needs(Transitions(), [], NOON).ranked == ()


NAMES = st.sampled_from(["a", "b", "c", "d"])


@given(st.lists(st.lists(NAMES, max_size=6), max_size=8), st.lists(NAMES, max_size=6))
def test_probabilities_add_up_to_one(histories: list[list[str]], own: list[str]) -> None:
    found = next_needs(learned(*histories), asked(*own), NOON, permitted=["a", "z"])
    probabilities = [need.probability for need in found.ranked]
    assert sum(probabilities) == pytest.approx(1.0)
    assert all(p > 0 for p in probabilities)
    assert probabilities == sorted(probabilities, reverse=True)


@given(
    st.lists(st.lists(NAMES, max_size=5), max_size=6),
    st.lists(st.lists(NAMES, max_size=5), max_size=6),
)
def test_counting_apart_and_merging_is_counting_together(
    first: list[list[str]], second: list[list[str]]
) -> None:
    assert merged(learned(*first), learned(*second)) == learned(*first, *second)


def test_names_from_outside_cannot_grow_the_table_without_end() -> None:
    names = [f"intent {number} " + "x" * 100 for number in range(MOST_NAMES * 2)]
    table = learned(names, names[::-1])
    twice = merged(table, learned([f"other {name}" for name in names]))
    for found in (table, twice):
        assert len(found.overall) == len(found.after) == MOST_NAMES + 1
        assert max(map(len, found.overall)) <= LONGEST_NAME
        assert all(row.keys() <= found.overall.keys() for row in found.after.values())
        needs = next_needs(found, asked(names[-1]), NOON)
        assert not needs.cold
        assert sum(need.probability for need in needs.ranked) == pytest.approx(1.0)
    assert sum(table.overall.values()) == MOST_NAMES * 4
    assert table.overall[OTHER] == MOST_NAMES * 2


def test_on_a_history_with_structure_it_beats_the_prior() -> None:
    random = np.random.default_rng(7)
    names = [f"i{number}" for number in range(8)]
    chances = random.dirichlet(np.full(8, 0.4), 8)

    def history() -> list[str]:
        places = [int(random.integers(8))]
        while len(places) < 6:
            places.append(int(random.choice(8, p=chances[places[-1]])))
        return [names[place] for place in places]

    table = learned(*(history() for _ in range(150)))
    prior = by_intent(next_needs(table, [], NOON))
    losses, base = [], []
    for own in (history() for _ in range(150)):
        found = by_intent(next_needs(table, asked(*own[:-1]), NOON))
        losses.append(-math.log(found[own[-1]]))
        base.append(-math.log(prior[own[-1]]))
    assert np.mean(losses) < 0.85 * np.mean(base)


def test_where_nothing_follows_from_anything_it_is_hardly_worse_than_the_prior() -> None:
    random = np.random.default_rng(8)
    names = [f"i{number}" for number in range(8)]
    histories = [[names[place] for place in row] for row in random.integers(0, 8, (300, 6))]
    table = learned(*histories[:150])
    prior = by_intent(next_needs(table, [], NOON))
    losses = [
        math.log(prior[own[-1]] / by_intent(next_needs(table, asked(*own[:-1]), NOON))[own[-1]])
        for own in histories[150:]
    ]
    assert np.mean(losses) < 0.05
