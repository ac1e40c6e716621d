"""How much each kind of event says of a customer's liking; the only place that knows."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.personalize.domain.histories import Past

WEIGHTS = {"viewed": 0.2, "carted": 0.5, "purchased": 1.0, "used": 1.0}
RATED = "rated"
RETURNED = "returned"
KINDS = (*WEIGHTS, RATED, RETURNED)
OWNED = frozenset({"purchased", "used", RATED, RETURNED})
"""An item that one of these happened to is not offered again, unless it is repeatable."""

MOST_STARS = 5.0
LIKED = 0.6
"""The weight from which on an event is what a recommendation hopes for: three stars, a purchase."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One event. `stars` from 0 to 5 are needed for `rated` alone."""

    item: str
    kind: str
    stars: float | None = None


def weight_of(kind: str, stars: float | None = None) -> float:
    """From 0 to 1. Even a low rating says that the item was of interest, so none is negative: with
    ratings as a measure of interest, what was rated low still tells of taste.

    Raises KeyError for a kind that is none of `KINDS`.
    """
    if kind == RETURNED:
        return 0.0
    if kind == RATED:
        return min(max(stars or 0.0, 0.0), MOST_STARS) / MOST_STARS
    return WEIGHTS[kind]


def past_of(signals: Iterable[Signal]) -> list[Past]:
    """A history from events, oldest first. Of an item the strongest event counts, at the place of
    the last; a return takes back what was before it."""
    found: dict[str, Past] = {}
    for signal in signals:
        weight = weight_of(signal.kind, signal.stars)
        before = found.pop(signal.item, None)
        if before is not None and signal.kind != RETURNED:
            weight = max(weight, before.weight)
        kept = signal.kind in OWNED or (before is not None and before.owned)
        found[signal.item] = Past(signal.item, weight, kept)
    return list(found.values())
