"""What unhappy customers talk about and what no intent fits, found among everything else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from services.feedback.domain.insight.background import Background
from services.feedback.domain.insight.groups import Grouping
from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Cited, Message
from services.feedback.domain.insight.new_intents import NewIntent, new_intents
from services.feedback.domain.insight.periods import Periods
from services.feedback.domain.insight.sample import drawn
from services.feedback.domain.insight.unhappy import Trouble, troubles
from services.feedback.insights.clustering import by_average_linkage
from tests.unit.feedback.insight_messages import END, messages, of_theme

WEEKS = Periods.until(END, 7)
ALL = messages()


def grouping_of(told: Sequence[Message]) -> Grouping:
    return Grouping(Background.of(told), by_average_linkage)


def troubles_of(told: Sequence[Message], limits: Limits | None = None) -> tuple[Trouble, ...]:
    unhappy = drawn((m for m in WEEKS.both(told) if m.is_unhappy), 4_000)
    first = min((m.at for m in told), default=None)
    return troubles(unhappy, first, WEEKS, grouping_of(told), limits or Limits())


def new_of(told: Sequence[Message], limits: Limits | None = None) -> tuple[NewIntent, ...]:
    outside = drawn((m for m in WEEKS.now(told) if m.is_out_of_scope), 4_000)
    return new_intents(outside, grouping_of(told), limits or Limits())


def keys(told: Sequence[Message]) -> set[tuple[str, str]]:
    return {message.key for message in told}


def test_the_planted_trouble_is_found_whole_in_both_languages() -> None:
    first, second = troubles_of(ALL)
    assert keys(first.messages) == keys(of_theme(ALL, "locker"))
    assert set(first.group.names) == {"en", "zh"}
    assert first.customers == 18
    assert first.bad == 18
    assert first.cited == Cited("en/shop.md", "parcel-locker")
    assert first.changed(Limits())
    assert keys([*second.messages, *second.earlier]) == keys(of_theme(ALL, "rude"))
    assert not second.changed(Limits()), "7 and 7 is no trend"
    assert (second.customers, len(second.earlier)) == (7, 7)


def test_a_name_is_in_the_language_asked_for_or_else_in_that_of_most() -> None:
    group = troubles_of(ALL)[0].group
    assert "locker" in group.name("en").words
    assert "取件" in group.name("zh").words
    assert group.name("fr") == group.name(group.language)


@pytest.mark.parametrize("seed", range(5))
def test_order_and_repetition_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mixed = [ALL[i] for i in rng.permutation(len(ALL))] + list(ALL[:40])
    grouping = grouping_of(ALL)
    expected, found = (grouping.groups(drawn(told, 4_000), 5) for told in (ALL, mixed))
    assert len(found) > 5
    assert [keys(g.messages) for g in found] == [keys(g.messages) for g in expected]
    assert [(g.key, g.names) for g in found] == [(g.key, g.names) for g in expected]
    assert all(len(g.messages) == len(keys(g.messages)) for g in found)


def test_one_loud_customer_is_no_trouble() -> None:
    loud = [replace(m, customer_key="same") if m.ticket_id.startswith("locker") else m for m in ALL]
    assert all(
        keys(t.messages).isdisjoint(keys(of_theme(ALL, "locker"))) for t in troubles_of(loud)
    )


def test_a_trouble_that_is_over_is_not_told() -> None:
    over = [
        replace(m, at=m.at - timedelta(days=7)) if m.ticket_id.startswith("locker") else m
        for m in ALL
    ]
    assert [t.customers for t in troubles_of(over)] == [7]


def test_content_customers_with_good_replies_are_no_trouble() -> None:
    content = [replace(m, sentiment="positive", verdict="good") for m in ALL]
    assert troubles_of(content) == ()


def test_a_bad_verdict_is_enough() -> None:
    calm = [replace(m, sentiment="neutral") for m in ALL]
    assert [t.customers for t in troubles_of(calm)] == [18]


def test_messages_without_vectors_are_in_no_group() -> None:
    blind = [replace(m, vector=None) for m in ALL]
    assert troubles_of(blind) == ()
    half = [replace(m, vector=None) if i % 2 else m for i, m in enumerate(ALL)]
    assert all(m.vector is not None for t in troubles_of(half) for m in t.messages)


def test_a_language_too_rare_to_be_centred_is_left_out() -> None:
    english = [m for m in ALL if m.language == "en"]
    few = english + [m for m in of_theme(ALL, "locker") if m.language == "zh"]
    assert {m.language for t in troubles_of(few) for m in t.messages} == {"en"}


def test_a_new_intent_is_proposed_for_the_planted_wish_alone() -> None:
    (proposed,) = new_of(ALL)
    assert keys(proposed.messages) == {m.key for m in of_theme(ALL, "job") if m.at > WEEKS.start}
    assert proposed.customers == 14
    assert "job" in proposed.label.split("_")


def with_job_words(words: Sequence[tuple[str, ...]]) -> list[Message]:
    """The planted wish in other words, as much alike by its vectors."""
    return [
        replace(m, words=words[n // 2 % len(words)]) if m.ticket_id.startswith("job") else m
        for n, m in enumerate(ALL)
    ]


def test_messages_of_one_word_are_no_wish() -> None:
    assert new_of(with_job_words([("morning", "everybody")]))
    assert new_of(with_job_words([("morning",), ("everybody",)])) == ()


def test_a_group_without_words_of_its_own_is_no_wish() -> None:
    different = [(f"one{chr(97 + n)}", f"two{chr(97 + n)}") for n in range(12)]
    assert new_of(with_job_words(different)) == ()


def test_small_and_loose_groups_are_no_new_intents() -> None:
    assert new_of(ALL, Limits(least_new=15)) == ()
    assert new_of(ALL, Limits(density_of_new=0.999)) == ()
