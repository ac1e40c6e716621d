"""This period and the one before it, of equal length."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.feedback.domain.insight.message import Message

LEAST_HISTORY = 0.25
"""Less than this share of the period before seen, and nothing is compared with it."""


@dataclass(frozen=True, slots=True)
class Periods:
    """This period is (`start`, `end`], the one before (`start_before`, `start`]."""

    start_before: datetime
    start: datetime
    end: datetime

    @classmethod
    def until(cls, end: datetime, days: float) -> "Periods":
        """The last `days` and as many before. Raises ValueError unless they are positive."""
        if not days > 0:
            raise ValueError("a period lasts more than 0 days")
        length = timedelta(days=days)
        return cls(end - 2 * length, end - length, end)

    @property
    def days(self) -> float:
        return (self.end - self.start) / timedelta(days=1)

    def now(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        """Those of this period."""
        return tuple(message for message in messages if self.start < message.at <= self.end)

    def before(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        """Those of the period before."""
        return tuple(
            message for message in messages if self.start_before < message.at <= self.start
        )

    def both(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        return tuple(filter(self.cover, messages))

    def cover(self, message: Message) -> bool:
        """Whether it came in one of them."""
        return self.start_before < message.at <= self.end

    def days_before(self, first: datetime | None) -> float:
        """Days of the period before that were seen, when `first` is the oldest message there is;
        0 where they are too few to compare with."""
        if first is None:
            return 0.0
        seen = (self.start - max(first, self.start_before)) / timedelta(days=1)
        return seen if seen >= LEAST_HISTORY * self.days else 0.0

    def daily(self, messages: Iterable[Message]) -> tuple[int, ...]:
        """Messages in each 24 hours of both periods, the oldest first, counted from the end."""
        slots = max(1, round(2 * self.days))
        counts = [0] * slots
        for message in self.both(messages):
            age = (self.end - message.at) / timedelta(days=1)
            counts[max(0, slots - 1 - int(age))] += 1
        return tuple(counts)
