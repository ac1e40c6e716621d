"""How a customer's mood develops over their messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

FADE = 0.7
"""Weight of a message against the next newer one: after two messages about half is left."""
MOST_MOODS = 20
"""Messages remembered; the 20th weighs a thousandth of the newest."""


@dataclass(frozen=True, slots=True, order=True)
class Mood:
    """The sentiment of one message, from -1 to 1."""

    at: datetime
    sentiment: float


def with_mood(moods: Sequence[Mood], mood: Mood) -> tuple[Mood, ...]:
    """The newest moods, oldest first, in whatever order they become known."""
    return tuple(sorted([*moods, mood])[-MOST_MOODS:])


def trend(moods: Sequence[Mood]) -> float:
    """Exponentially weighted mean of the sentiments, from -1 to 1; 0 when there are none.

    Simple exponential smoothing (Brown 1959, "Statistical Forecasting for Inventory Control"),
    normalised over the messages remembered so that a short history is not drawn towards 0.
    """
    weights = [FADE ** (len(moods) - 1 - place) for place in range(len(moods))]
    if not weights:
        return 0.0
    total = sum(w * mood.sentiment for w, mood in zip(weights, moods, strict=True))
    return max(-1.0, min(1.0, total / sum(weights)))
