"""What is remembered of a ticket between its messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_REMEMBERED = 100
"""Messages of a ticket whose turn can still be told; a redelivery never reaches further back."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A ticket's turns so far, its `recent` messages' keys in order, its language, and its
    placeholders by the fingerprints of their originals."""

    turns: int = 0
    recent: tuple[str, ...] = ()
    language: str | None = None
    placeholders: Mapping[str, str] = field(default_factory=dict)

    def turn_of(self, message: str) -> int:
        """The number of this message in its ticket: as given before, else the next one."""
        if message in self.recent:
            return self.turns - len(self.recent) + self.recent.index(message) + 1
        return self.turns + 1

    def with_message(
        self, message: str, language: str, placeholders: Mapping[str, str]
    ) -> "Thread":
        """The thread after this message. A message it knows already changes nothing."""
        if message in self.recent:
            return self
        recent = (*self.recent, message)[-MOST_REMEMBERED:]
        return Thread(self.turns + 1, recent, language, placeholders)
