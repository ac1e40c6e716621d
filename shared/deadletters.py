"""Dead letters: the original message as it came, with the reason in its headers."""

from collections import deque
from collections.abc import Callable
from datetime import datetime

from shared.envelope import Headers, Record
from shared.errors import FatalError, InvalidEvent

PREFIX = "dlq-"
WINDOW_SECONDS = 60.0
FRAME = 64 * 1024
"""Bytes left free for what Kafka writes around a message."""


def reason_of(error: Exception) -> InvalidEvent:
    """The reason code and sentence of an error. A bug is named by its class: its text may quote."""
    if isinstance(error, InvalidEvent):
        return error
    return InvalidEvent(
        f"bug.{type(error).__name__}", "the worker failed on this event; see its log"
    )


def headers_of(
    record: Record, error: Exception, *, worker: str, attempts: int, now: datetime
) -> list[tuple[str, bytes]]:
    """The original headers, and from where, by whom, when, why and after how many attempts."""
    reason = reason_of(error)
    added = {
        "worker": worker,
        "code": reason.code,
        "field": reason.field or "",
        "reason": reason.why,
        "source-topic": record.topic,
        "source-partition": str(record.partition),
        "source-offset": str(record.offset),
        "attempts": str(attempts),
        "at": now.isoformat(),
    }
    return [
        *without_reason(record.headers),
        *((PREFIX + name, value.encode()) for name, value in added.items()),
    ]


def without_reason(headers: Headers) -> list[tuple[str, bytes]]:
    """The headers as they were before the message became a dead letter."""
    return [(name, value) for name, value in headers if not name.startswith(PREFIX)]


def cut_to_fit(
    record: Record, headers: list[tuple[str, bytes]], limit: int
) -> tuple[bytes | None, bytes, list[tuple[str, bytes]]]:
    """Key, value and headers of a dead letter of at most `limit` bytes.

    A message may come compressed and be larger than any letter may be. Then the letter has the
    reason alone, and says that it leaves out the rest, which stands where the reason says.
    """
    size = len(record.key or b"") + len(record.value or b"")
    size += sum(len(name) + len(value or b"") for name, value in headers)
    if size <= limit - FRAME:
        # No value is told by an empty one: the producer does not write nothing under no key.
        return record.key, record.value or b"", headers
    reason = [(name, value) for name, value in headers if name.startswith(PREFIX)]
    return None, b"", [*reason, (f"{PREFIX}value", b"left out")]


class DeadLetterLimit:
    """Stops a worker that would drain its topic into dead letters.

    `clock` gives seconds that only grow.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._times: deque[float] = deque()

    def count(self, topic: str, code: str) -> None:
        """Count one more. Raises FatalError past the limit."""
        now = self._clock()
        self._times.append(now)
        while self._times[0] <= now - WINDOW_SECONDS:
            self._times.popleft()
        if len(self._times) > self._per_minute:
            raise FatalError(
                f"more than {self._per_minute} dead letters from {topic} within a minute, the last "
                f"for {code}: stopping so that the topic is not drained. Nothing is lost: mend the "
                "cause and start again (DEAD_LETTERS_PER_MINUTE sets the limit)"
            )
