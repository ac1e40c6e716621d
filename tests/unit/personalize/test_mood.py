"""The sentiment trend: recent messages weigh more, whatever order they become known in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.personalize.domain.counts import MOST_NAMES, OTHER, counted
from services.personalize.domain.mood import MOST_MOODS, Mood, trend, with_mood

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def moods(*sentiments: float) -> list[Mood]:
    return [Mood(NOON + timedelta(minutes=i), value) for i, value in enumerate(sentiments)]


def test_nobody_heard_of_is_neutral() -> None:
    assert trend([]) == 0.0


def test_one_angry_message_is_fully_angry() -> None:
    assert trend(moods(-1.0)) == -1.0


def test_getting_angrier_weighs_more_than_having_been_angry() -> None:
    assert trend(moods(1.0, 0.0, -1.0)) < 0 < trend(moods(-1.0, 0.0, 1.0))


def test_the_weights_are_those_of_exponential_smoothing() -> None:
    assert trend(moods(1.0, 0.0)) == pytest.approx(0.7 / 1.7)


@given(st.lists(st.floats(-1, 1), max_size=60), st.randoms())
def test_late_news_end_in_the_same_trend(sentiments: list[float], random: object) -> None:
    in_order = moods(*sentiments)
    shuffled = list(in_order)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    expected: tuple[Mood, ...] = ()
    found: tuple[Mood, ...] = ()
    for mood, other in zip(in_order, shuffled, strict=True):
        expected, found = with_mood(expected, mood), with_mood(found, other)
    assert found == expected
    assert len(found) == min(len(sentiments), MOST_MOODS)
    assert -1 <= trend(found) <= 1


def test_names_from_outside_cannot_grow_a_profile_without_end() -> None:
    counts: object = {}
    for number in range(MOST_NAMES * 2):
        counts = counted(counts, f"channel {number} " + "x" * 1000)  # type: ignore[arg-type]
    assert isinstance(counts, dict)
    assert len(counts) == MOST_NAMES + 1
    assert counts[OTHER] == MOST_NAMES
    assert sum(counts.values()) == MOST_NAMES * 2
