"""How long to wait, and how many dead letters are too many."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.deadletters import FRAME, DeadLetterLimit, cut_to_fit, headers_of, without_reason
from shared.errors import FatalError, InvalidEvent
from shared.pauses import backoff
from tests.unit.shared.kit import NOW, bad, record

LIMIT = 128 * 1024


@settings(deadline=None)
@given(st.integers(1, 10_000), st.floats(0.001, 10), st.floats(0.001, 300))
def test_back_off_grows_to_its_limit_and_is_half_drawn(
    attempt: int, base: float, most: float
) -> None:
    seconds = backoff(attempt, base, most)
    full = min(most, base * 2.0 ** min(attempt - 1, 30))
    assert full / 2 <= seconds <= full
    assert seconds <= most


def test_back_off_differs_from_one_to_the_next() -> None:
    assert len({backoff(3, 1.0, 60.0) for _ in range(20)}) > 1


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_the_limit_counts_the_last_minute() -> None:
    clock = Clock()
    limit = DeadLetterLimit(2, clock)
    for _ in range(10):
        limit.count("classify", "bug.ValueError")
        limit.count("classify", "bug.ValueError")
        clock.seconds += 60.0
    limit.count("classify", "bug.ValueError")
    clock.seconds += 59.9
    limit.count("classify", "bug.ValueError")
    with pytest.raises(FatalError) as stopped:
        limit.count("classify", "bug.KeyError")
    for word in ("2 dead letters", "classify", "bug.KeyError", "DEAD_LETTERS_PER_MINUTE"):
        assert word in str(stopped.value)


@settings(deadline=None)
@given(st.lists(st.floats(0, 200), max_size=60), st.integers(1, 10))
def test_a_window_never_holds_more_than_the_limit(waits: list[float], most: int) -> None:
    clock = Clock()
    limit = DeadLetterLimit(most, clock)
    times: list[float] = []
    for wait in waits:
        clock.seconds += wait
        times.append(clock.seconds)
        within = [one for one in times if one > clock.seconds - 60.0]
        if len(within) > most:
            with pytest.raises(FatalError):
                limit.count("classify", "code")
            return
        limit.count("classify", "code")


def test_a_dead_letter_has_the_original_headers_and_the_reason() -> None:
    came = record(7, "A", partition=3)
    error = InvalidEvent("field.missing", "Field required", "ticket")
    headers = headers_of(came, error, worker="classify", attempts=2, now=NOW)
    told = {name: value.decode() for name, value in headers}
    assert without_reason(headers) == list(came.headers)
    assert {name: value for name, value in told.items() if name.startswith("dlq-")} == {
        "dlq-worker": "classify",
        "dlq-code": "field.missing",
        "dlq-field": "ticket",
        "dlq-reason": "Field required",
        "dlq-source-topic": "classify",
        "dlq-source-partition": "3",
        "dlq-source-offset": "7",
        "dlq-attempts": "2",
        "dlq-at": NOW.isoformat(),
    }


def test_a_message_that_dies_twice_has_the_newest_reason_alone() -> None:
    came = record(7)
    first = InvalidEvent("first.reason", "so")
    came.headers = headers_of(came, first, worker="classify", attempts=1, now=NOW)
    second = InvalidEvent("second.reason", "so")
    headers = headers_of(came, second, worker="classify", attempts=1, now=NOW)
    assert [value for name, value in headers if name == "dlq-code"] == [b"second.reason"]


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        (None, True),
        (b"", True),
        (b"x" * 1_000, True),
        (b"x" * (LIMIT - FRAME), False),
        (b"x" * LIMIT, False),
        (b"x" * 2 * LIMIT, False),
    ],
    ids=lambda value: str(len(value or b"")) if not isinstance(value, bool) else "",
)
def test_a_letter_fits_its_topic_and_keeps_its_reason(value: bytes | None, whole: bool) -> None:
    came = bad(0)
    came.value = value
    error = InvalidEvent("value.too_large", "the message is over 1 bytes")
    headers = headers_of(came, error, worker="classify", attempts=0, now=NOW)
    key, kept, told = cut_to_fit(came, headers, LIMIT)
    size = len(key or b"") + len(kept) + sum(len(name) + len(text) for name, text in told)
    assert size <= LIMIT
    assert dict(told)["dlq-code"] == b"value.too_large"
    assert kept == ((value or b"") if whole else b"")
    assert ("dlq-value" in dict(told)) == (not whole)
