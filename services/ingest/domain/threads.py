"""What is remembered of a ticket between its messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

MOST_REMEMBERED = 100
"""Messages of a ticket whose turn can still be told; a redelivery never reaches further back."""


MOST_HISTORY = 4
"""Earlier messages that travel along with one."""

LONGEST_SAID = 1_000
_MOST_SAID = 3 * MOST_HISTORY


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it went on, cut to `LONGEST_SAID` characters."""

    turn: int
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Thread:
    """A ticket's turns so far, its `recent` messages' keys in order, its language, its
    placeholders by the fingerprints of their originals, and what was `said` last."""

    turns: int = 0
    recent: tuple[str, ...] = ()
    language: str | None = None
    placeholders: Mapping[str, str] = field(default_factory=dict)
    said: tuple[Said, ...] = ()

    def before(self, turn: int) -> tuple[Said, ...]:
        """The last messages before this turn, the oldest first."""
        return tuple(said for said in self.said if said.turn < turn)[-MOST_HISTORY:]

    def turn_of(self, message: str) -> int:
        """The number of this message in its ticket: as given before, else the next one."""
        if message in self.recent:
            return self.turns - len(self.recent) + self.recent.index(message) + 1
        return self.turns + 1

    def with_message(
        self, message: str, language: str, placeholders: Mapping[str, str], said: Said
    ) -> "Thread":
        """The thread after this message. A message it knows already changes nothing."""
        if message in self.recent:
            return self
        recent = (*self.recent, message)[-MOST_REMEMBERED:]
        last = (*self.said, said)[-_MOST_SAID:]
        return Thread(self.turns + 1, recent, language, placeholders, last)
