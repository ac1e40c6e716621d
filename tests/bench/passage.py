"""What a stream of tickets met: when each was sent and answered. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Passage:
    """By ticket, in the order sent: the seconds at which it was sent and at which its response was
    read (nan if it never was); how many dead letters there were, and how many responses came more
    than once with another content."""

    sent: Floats
    answered: Floats
    dead_letters: int = 0
    contradictions: int = 0

    @property
    def lost(self) -> int:
        """Tickets without a terminal state."""
        return int(np.isnan(self.answered).sum()) - self.dead_letters

    @property
    def ages(self) -> Floats:
        """Seconds that each answered ticket had waited for its response."""
        waited = self.answered - self.sent
        kept: Floats = waited[~np.isnan(waited)]
        return kept

    def young_again(self, seconds: float) -> float:
        """From when on no ticket without response was older than `seconds`; -inf if none ever was,
        inf while one still is. A ticket is too old from `sent + seconds` until it is answered."""
        if np.isnan(self.answered).any():
            return float("inf")
        too_long = self.answered[self.answered - self.sent >= seconds]
        return float(too_long.max()) if len(too_long) else float("-inf")

    def oldest_at(self, moment: float) -> float:
        """The age of the oldest ticket that waits at this moment; 0 if none does."""
        waits = (self.sent <= moment) & ~(self.answered <= moment)
        return moment - float(self.sent[waits].min()) if waits.any() else 0.0

    def per_second(self, begin: float, end: float) -> float:
        """Responses a second between two moments."""
        return float(((self.answered >= begin) & (self.answered < end)).sum() / (end - begin))


def paced(stretches: Sequence[tuple[float, float]]) -> Iterator[float]:
    """The seconds at which to send, evenly: each stretch has its rate a second and its seconds."""
    began = 0.0
    for rate, seconds in stretches:
        yield from (began + number / rate for number in range(round(rate * seconds)))
        began += seconds
