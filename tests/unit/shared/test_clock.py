"""The time a process goes by."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from shared.clock import clock, set_clock, utc_now


def test_without_a_file_it_is_the_machines_time() -> None:
    before = datetime.now(UTC)

    assert before <= clock(None)() <= utc_now()


def test_a_file_says_what_time_it_is_and_days_pass_when_it_says_so(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    new_year = datetime(2027, 1, 1, tzinfo=UTC)
    set_clock(file, new_year)
    now = clock(file)

    assert (now(), now()) == (new_year, new_year)
    set_clock(file, new_year.astimezone(timezone(timedelta(hours=8))) + timedelta(days=3, hours=1))
    assert now() == datetime(2027, 1, 4, 1, tzinfo=UTC)
    assert now().tzinfo == UTC
