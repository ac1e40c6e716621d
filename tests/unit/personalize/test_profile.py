"""A profile is what happened, in whatever order and however often it was told."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.personalize.domain.consent import Consent
from services.personalize.domain.facts import (
    Fact,
    Interaction,
    Message,
    Rating,
    TicketClosed,
    TicketOpenedAgain,
)
from services.personalize.domain.handled import MOST_HANDLED
from services.personalize.domain.ledger import apply, completed
from services.personalize.domain.preferences import Preferences
from services.personalize.domain.profile import Profile
from services.personalize.domain.told import MOST_TOLD, values

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PERIOD = (NOON - 10 * DAY, NOON + 20 * DAY)

moments = st.integers(0, 400).map(lambda hours: NOON + timedelta(hours=hours))
money = st.floats(0, 1e6) | st.none()
flags = st.sampled_from([None, True, False])


def facts(number: int) -> st.SearchStrategy[Fact]:
    key = f"e{number}"
    messages = st.builds(
        lambda at, ticket, intent, consent, tone, attribute: Message(
            key, "c", at, at, ticket, intent, "zh", "email", -0.5, consent,
            Preferences(tone), {"tenure": attribute},
        ),
        moments,
        st.sampled_from(["T-1", "T-2", "T-3"]),
        st.sampled_from(["refund", "order_status"]),
        st.builds(Consent, flags, flags),
        st.sampled_from([None, "formal", "friendly"]),
        st.sampled_from(["1", "2"]),
    )  # fmt: skip
    interactions = st.builds(
        lambda at, kind, item, value, order, allowance: Interaction(
            key, "c", at, kind, at, item, value, order, allowance, PERIOD if allowance else None
        ),
        moments,
        st.sampled_from(["viewed", "carted", "purchased", "rated", "returned", "used"]),
        st.sampled_from(["lamp", "desk", "plan-light", None]),
        money,
        st.sampled_from(["o1", "o2", None]),
        st.sampled_from([None, 10.0, 20.0]),
    )
    ratings = st.builds(lambda at, stars: Rating(key, "c", at, stars), moments, st.integers(1, 5))
    endings = st.builds(
        lambda kind, at, ticket: kind(key, "c", at, at, ticket),
        st.sampled_from([TicketClosed, TicketOpenedAgain]),
        moments,
        st.sampled_from(["T-1", "T-2", "T-4"]),
    )
    return st.one_of(messages, interactions, interactions, ratings, endings)


histories = st.integers(1, 40).flatmap(
    lambda length: st.tuples(*[facts(number) for number in range(length)])
)


def told(history: Sequence[Fact], size: int = 7) -> Profile:
    """The profile after the facts came in waves, as if all of it were remembered."""
    profile = Profile("c")
    for start in range(0, len(history), size):
        change = apply(profile, {}, history[start : start + size], NOON)
        views = {moment.message.event_id: "its view" for moment in change.moments}
        change = completed(change, views)
        kept = {**{entry.event_id: entry for entry in change.leaving}, **change.profile.recent}
        profile = replace(change.profile, recent=kept, archived=False)
    return replace(profile, recent={})


@given(histories, st.randoms(use_true_random=False), st.integers(1, 9))
@settings(max_examples=150, deadline=None)
def test_order_and_repetition_change_nothing(
    history: Sequence[Fact], order: random.Random, size: int
) -> None:
    shuffled = [*history, *order.sample(history, len(history) // 2)]
    order.shuffle(shuffled)
    assert told(shuffled, size) == told(history)


def message(number: int, at: datetime = NOON, ticket: str = "T-1", **said: object) -> Message:
    when = at + timedelta(minutes=number)
    return Message(f"m{number}", "c", when, when, ticket, "refund", "en", "web", 0.0, **said)  # type: ignore[arg-type]


def test_the_newest_statement_of_each_thing_counts() -> None:
    profile = told(
        [
            message(5, consent=Consent(recommendations=False)),
            message(1, consent=Consent(True, True), attributes={"tenure": "3"}),
            message(3, preferences=Preferences("friendly", "brief"), attributes={"tenure": "4"}),
            message(4, preferences=Preferences("formal")),
        ]
    )
    assert values(profile.consent) == {"personalization": True, "recommendations": False}
    assert values(profile.preferences) == {"tone": "formal", "length": "brief"}
    assert values(profile.attributes) == {"tenure": "4"}


def test_of_a_yes_and_a_no_of_the_same_moment_the_no_counts() -> None:
    yes, no = Consent(recommendations=True), Consent(recommendations=False)
    for first, second in ((yes, no), (no, yes)):
        profile = told([message(0, consent=first), replace(message(0, consent=second),
                                                            event_id="other")])  # fmt: skip
        assert values(profile.consent) == {"recommendations": False}


def test_a_profile_is_bounded_whatever_comes_from_outside() -> None:
    many = [
        Interaction(f"i{n}", "c", NOON, "viewed", NOON + n * DAY, f"item {n}") for n in range(300)
    ]
    many += [
        Interaction(f"u{n}", "c", NOON, "used", NOON + n * DAY, f"plan {n % 20}", 1.0)
        for n in range(300)
    ]
    talk = [
        message(n, ticket=f"T-{n}", attributes={f"a{n}-{k}" * 50: "x" * 999 for k in range(3)})
        for n in range(300)
    ]
    profile = told([*many, *talk], size=50)
    assert len(profile.handled) == MOST_HANDLED
    assert len(profile.usage) == 8
    assert len(profile.attributes) == MOST_TOLD
    assert max(len(name) for name in profile.attributes) == 128
    assert (profile.tickets, len(profile.ticket_states), len(profile.wishes)) == (300, 200, 20)


def test_items_and_intents_of_the_newest_facts_are_kept() -> None:
    many = [
        Interaction(f"i{n}", "c", NOON, "viewed", NOON + n * DAY, f"item {n}")
        for n in reversed(range(250))
    ]
    profile = told(many)
    assert [one.item for one in profile.handled] == [f"item {n}" for n in range(50, 250)]
