"""How to write: in the wished tone, with empathy first, and selling to nobody in trouble."""

from datetime import UTC, datetime, timedelta

import pytest

from services.personalize.domain.facts import Message
from services.personalize.domain.manner import Manner, in_trouble, is_delicate, manner_of
from services.personalize.domain.preferences import Preferences
from services.personalize.domain.tickets import with_message, with_status
from services.personalize.domain.wishes import Wish

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def message(intent: str = "product_info", sentiment: float = 0.0) -> Message:
    return Message("m", "c", NOON, NOON, "T-9", intent, "en", "web", sentiment)


def manner(
    intent: str = "product_info",
    sentiment: float = 0.0,
    trend: float = 0.0,
    may_recommend: bool = True,
    troubled: bool = False,
) -> Manner:
    return manner_of(message(intent, sentiment), trend, Preferences(), may_recommend, troubled)


def test_tone_and_length_are_as_preferred_and_formal_otherwise() -> None:
    wanted = Preferences("friendly", "brief")
    found = manner_of(message(), 0.0, wanted, may_recommend=False, troubled=False)
    assert (found.tone, found.brief) == ("friendly", True)
    assert (manner().tone, manner().brief) == ("formal", False)


@pytest.mark.parametrize(
    ("sentiment", "trend", "empathy"),
    [
        (0.0, 0.0, False),
        (-0.5, 0.0, True),
        (-1.0, 0.5, True),
        (0.5, -0.4, True),
        (0.0, -0.2, False),
    ],
)
def test_the_unhappy_get_empathy_first_and_are_sold_nothing(
    sentiment: float, trend: float, empathy: bool
) -> None:
    found = manner(sentiment=sentiment, trend=trend)
    assert (found.empathy_first, found.selling) == (empathy, not empathy)


def test_selling_needs_consent_and_nothing_unsolved() -> None:
    assert manner().selling
    assert not manner(may_recommend=False).selling
    assert not manner(troubled=True).selling


@pytest.mark.parametrize(
    "intent",
    [
        *("complaint", "order_cancel", "cancel_service", "card_problem", "product_fault", "refund"),
        *("delivery_problem", "Report_Fraud", "card stolen", "投诉", "账户被盗", "return_exchange"),
    ],
)
def test_who_wants_something_put_right_is_sold_nothing(intent: str) -> None:
    assert not manner(intent).selling


@pytest.mark.parametrize("intent", ["order_status", "product_info", "usage_plan", "promotion"])
def test_who_asks_may_be_offered_something(intent: str) -> None:
    assert not is_delicate(intent)
    assert manner(intent).selling


def test_another_open_ticket_about_a_problem_is_trouble() -> None:
    wishes = [Wish(NOON - DAY, "T-1", "delivery_problem"), Wish(NOON - DAY, "T-2", "invoice")]
    states = with_message(with_message((), "T-1", NOON - DAY), "T-2", NOON - DAY)
    assert in_trouble(states, wishes, message())
    solved = with_status(states, "T-1", NOON, is_open=False)
    assert not in_trouble(solved, wishes, message())
    assert not in_trouble(states, wishes[1:], message())


def test_trouble_nobody_speaks_of_any_more_is_forgotten() -> None:
    wishes = [Wish(NOON - 40 * DAY, "T-1", "delivery_problem")]
    states = with_message((), "T-1", NOON - 40 * DAY)
    assert not in_trouble(states, wishes, message())
    again = with_message(states, "T-1", NOON - DAY)
    assert in_trouble(again, wishes, message())


def test_the_ticket_at_hand_is_no_other_trouble() -> None:
    wishes = [Wish(NOON, "T-9", "delivery_problem")]
    assert not in_trouble(with_message((), "T-9", NOON), wishes, message())
