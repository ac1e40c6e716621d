"""A circuit breaker (Nygard 2007, "Release It!"): what fails again and again is left alone for a
while, so that a system that is down costs a ticket no time."""

from dataclasses import dataclass


@dataclass
class Breaker:
    """Opens after so many failures in a row; after `open_seconds` one call is let through to see
    whether the system is back. `now` is any clock of seconds that only goes forward."""

    failures: int = 5
    open_seconds: float = 30.0
    _failed: int = 0
    _closed_from: float = float("-inf")

    def allows(self, now: float) -> bool:
        """Whether a call may be made now. The one that may be the trial keeps others out."""
        if self._failed < self.failures:
            return True
        if now < self._closed_from:
            return False
        self._closed_from = now + self.open_seconds
        return True

    def succeeded(self) -> None:
        self._failed = 0

    def failed(self, now: float) -> None:
        self._failed += 1
        if self._failed >= self.failures:
            self._closed_from = now + self.open_seconds
