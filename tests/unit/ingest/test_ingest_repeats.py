"""Who said something first, and who only again."""

from datetime import UTC, datetime, timedelta

from services.ingest.domain.repeats import Claim, Hold, Holder, judged

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WINDOW = timedelta(minutes=10)
AN_HOUR_AGO = Holder("before", NOW - timedelta(hours=1))
A_MINUTE_AGO = Holder("before", NOW - timedelta(minutes=1))


def claim(number: int, content: str = "late") -> Claim:
    return Claim(content, f"m{number}", f"ingest/0/{number}")


def test_the_first_to_say_something_holds_it() -> None:
    late, holds = judged([claim(1), claim(2, "lost")], {}, {}, WINDOW, NOW)
    assert late == {}
    assert holds == [Hold("late", None, Holder("m1", NOW)), Hold("lost", None, Holder("m2", NOW))]


def test_the_second_of_two_at_once_came_too_late() -> None:
    late, holds = judged([claim(1), claim(2), claim(3)], {}, {}, WINDOW, NOW)
    assert late == {"m2": "m1", "m3": "m1"}
    assert [hold.after.key for hold in holds] == ["m1"]


def test_what_was_said_within_the_window_is_said_again() -> None:
    late, holds = judged([claim(1)], {"late": A_MINUTE_AGO}, {}, WINDOW, NOW)
    assert (late, holds) == ({"m1": "before"}, [])


def test_after_the_window_it_is_said_for_the_first_time() -> None:
    late, holds = judged([claim(1), claim(2)], {"late": AN_HOUR_AGO}, {}, WINDOW, NOW)
    assert late == {"m2": "m1"}
    assert holds == [Hold("late", AN_HOUR_AGO, Holder("m1", NOW))]


def test_who_holds_it_already_may_go_on() -> None:
    mine = Holder("m1", NOW - timedelta(minutes=1))
    assert judged([claim(1)], {"late": mine}, {}, WINDOW, NOW) == ({}, [])


def test_what_was_a_duplicate_stays_one_whenever_it_is_read_again() -> None:
    noted = {"ingest/0/1": "before"}
    late, holds = judged([claim(1)], {"late": AN_HOUR_AGO}, noted, WINDOW, NOW)
    assert (late, holds) == ({"m1": "before"}, [])
