"""Each fact counts once, and a message gets the same view however often it is delivered."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.personalize.domain.facts import Erasure, Fact, Interaction, Message, Rating
from services.personalize.domain.ledger import REMEMBERED, Change, Moment, apply, completed
from services.personalize.domain.profile import Entry, Profile
from services.personalize.domain.view import View
from services.personalize.view_text import text_of, view_in

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
INTENTS = ("refund", "order_status")


def message(number: int, ticket: str = "", sentiment: float = 0.0) -> Message:
    at = NOON + timedelta(minutes=number)
    ticket = ticket or f"T-{number}"
    intent = INTENTS[number % 2]
    return Message(f"m{number}", "c", at, at, ticket, intent, "zh", "email", sentiment)


def fact(number: int) -> Fact:
    at = NOON + timedelta(minutes=number)
    match number % 3:
        case 0:
            return message(number, f"T-{number // 6}")
        case 1:
            return Interaction(f"i{number}", "c", at, "purchased", at)
        case _:
            return Rating(f"r{number}", "c", at, number % 5 + 1)


def view(moment: Moment, now: datetime) -> View:
    """What the customer's profile was before the message."""
    profile = moment.profile
    return View(
        now,
        known=profile.known,
        tickets=profile.tickets,
        messages=profile.messages,
        by_intent=profile.by_intent,
        last_contact_at=profile.last_contact_at,
        satisfaction=profile.satisfaction,
    )


def seen(change: Change, now: datetime) -> Change:
    """The change with a view for each message that counts for the first time."""
    return completed(change, {m.message.event_id: text_of(view(m, now)) for m in change.moments})


class Book:
    """Stored profile and archive, as the database keeps them."""

    def __init__(self) -> None:
        self.profile = Profile("c")
        self.archive: dict[str, Entry] = {}

    def record(self, facts: Sequence[Fact]) -> dict[str, View]:
        later = NOON + timedelta(days=1, seconds=len(self.archive))
        change = seen(apply(self.profile, self.archive, facts, later), later)
        self.archive |= {entry.event_id: entry for entry in change.leaving}
        self.profile = change.profile
        return {event_id: view_in(text) for event_id, text in change.views.items()}


def test_a_view_is_the_state_before_the_message() -> None:
    book = Book()
    first = book.record([message(0, "T-1", -1.0)])["m0"]
    second = book.record([message(1, "T-1", -1.0)])["m1"]
    assert (first.known, first.messages, first.last_contact_at) == (False, 0, None)
    assert (second.known, second.tickets, second.messages) == (True, 1, 1)
    assert second.by_intent == {"refund": 1}
    assert second.last_contact_at == NOON


def test_two_tickets_of_one_customer_in_one_wave_both_count() -> None:
    views = Book().record([message(0), message(1)])
    assert (views["m0"].tickets, views["m1"].tickets) == (0, 1)


def test_satisfaction_is_the_mean_of_the_ratings() -> None:
    book = Book()
    book.record([Rating("a", "c", NOON, 2), Rating("b", "c", NOON, 5)])
    assert book.record([message(0)])["m0"].satisfaction == 3.5


@given(
    st.lists(st.lists(st.integers(0, 3 * REMEMBERED), max_size=60), max_size=12),
)
def test_repeats_change_nothing_even_long_after(waves: list[list[int]]) -> None:
    book = Book()
    views: dict[str, View] = {}
    seen: set[int] = set()
    for wave in waves:
        found = book.record([fact(number) for number in wave])
        assert all(views.setdefault(key, view) == view for key, view in found.items())
        seen |= set(wave)
        before = book.profile
        assert book.record([fact(number) for number in wave]).keys() == found.keys()
        counted = (book.profile.messages, book.profile.ratings, book.profile.interactions)
        assert counted == (before.messages, before.ratings, before.interactions)
    assert book.profile.messages == sum(number % 3 == 0 for number in seen)
    assert book.profile.interactions.get("purchased", 0) == sum(n % 3 == 1 for n in seen)
    assert book.profile.ratings == sum(number % 3 == 2 for number in seen)
    assert book.profile.tickets == len({number // 6 for number in seen if number % 3 == 0})


def test_what_a_lost_write_would_have_counted_is_never_archived() -> None:
    crowd = [message(number) for number in range(REMEMBERED * 3)]
    change = apply(Profile("c"), {}, crowd, NOON)
    assert change.leaving == ()
    assert set(change.profile.recent) == {one.event_id for one in crowd}


def test_an_erased_customer_stays_forgotten_when_old_news_come_again() -> None:
    book = Book()
    book.record([message(0), message(1)])
    book.record([Erasure("e", "c", NOON + timedelta(minutes=1))])
    assert not book.profile.known
    assert book.record([message(0), message(1)]) == {}
    assert not book.profile.known
    assert book.record([message(2)])["m2"].known is False
    assert book.profile.messages == 1
    book.record([Erasure("e", "c", NOON + timedelta(minutes=1))])
    assert book.profile.messages == 1


def test_a_message_delivered_twice_in_one_wave_needs_one_view() -> None:
    change = apply(Profile("c"), {}, [message(0), message(0)], NOON)
    assert [moment.message.event_id for moment in change.moments] == ["m0"]
    assert view_in(seen(change, NOON).views["m0"]).messages == 0


def test_what_changed_last_is_when_a_fact_came_to_count_not_when_it_came_again() -> None:
    later = NOON + timedelta(days=1)
    first = seen(apply(Profile("c"), {}, [message(0)], NOON), NOON).profile
    assert first.changed_at == NOON
    assert apply(first, {}, [message(0)], later).profile is first
