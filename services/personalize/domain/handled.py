"""The items a customer had to do with lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MOST_HANDLED = 200
"""Items and kinds remembered, the newest."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What was last done of a kind with an item: `viewed`, `rated` with so many `stars`.

    Earlier ones of the same kind add nothing: of an item the strongest kind counts, and when.
    """

    at: datetime
    item: str
    kind: str
    stars: float | None = None


def with_handled(items: Sequence[Handled], new: Handled) -> tuple[Handled, ...]:
    """The newest, oldest first, in whatever order they become known."""
    before = next((one for one in items if (one.item, one.kind) == (new.item, new.kind)), new)
    others = [one for one in items if one is not before]
    ordered = sorted([*others, max(before, new, key=_order)], key=_order)
    return tuple(ordered[-MOST_HANDLED:])


def _order(handled: Handled) -> tuple[datetime, str, str, float]:
    stars = -1.0 if handled.stars is None else handled.stars
    return handled.at, handled.item, handled.kind, stars
