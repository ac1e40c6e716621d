"""A circuit breaker (Nygard 2007, "Release It!"): a server that fails is left alone for a while, so
that one that is down costs a ticket no time.

Own code: no library in the lock has one. Thread-safe it need not be: one event loop uses it.
"""

import time
from collections.abc import Callable
from enum import StrEnum


class Circuit(StrEnum):
    CLOSED = "closed"
    HALF_OPEN = "half_open"
    """One call is out to see whether the server is back; all others are turned away."""
    OPEN = "open"


class Breaker:
    """Opens after so many `failures` in a row, for `open_seconds`; then one call tries.

    `clock` gives seconds that never go back; `changed` is told every new state.
    """

    def __init__(
        self,
        failures: int = 5,
        open_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        changed: Callable[[Circuit], None] = lambda _: None,
    ) -> None:
        self._most = failures
        self._open_seconds = open_seconds
        self._clock = clock
        self._changed = changed
        self._failures = 0
        self._opened_at = 0.0
        self._state = Circuit.CLOSED

    @property
    def state(self) -> Circuit:
        return self._state

    def allows(self) -> bool:
        """Whether a call would be let through now."""
        if self._state is Circuit.OPEN:
            return self._clock() - self._opened_at >= self._open_seconds
        return self._state is Circuit.CLOSED

    def admit(self) -> bool:
        """Let a call through, if it may be made. Each one let through is to be recorded."""
        if not self.allows():
            return False
        if self._state is Circuit.OPEN:
            self._turn(Circuit.HALF_OPEN)
        return True

    def record(self, *, ok: bool) -> None:
        """How a call that was let through ended."""
        if self._state is Circuit.OPEN:
            return  # it began before the circuit opened
        if ok:
            self._failures = 0
            self._turn(Circuit.CLOSED)
            return
        self._failures += 1
        if self._state is Circuit.HALF_OPEN or self._failures >= self._most:
            self._opened_at = self._clock()
            self._turn(Circuit.OPEN)

    def _turn(self, state: Circuit) -> None:
        if state is not self._state:
            self._state = state
            self._changed(state)
