"""What was said of a customer by name: the newest statement counts, in whatever order they come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

V = TypeVar("V", bool, str)

MOST_TOLD = 64
"""Names remembered of one kind, those told of last."""


@dataclass(frozen=True, slots=True)
class Told(Generic[V]):
    """A value, and when it was said to be so."""

    at: datetime
    value: V


def with_told(
    known: Mapping[str, Told[V]], said: Mapping[str, V], at: datetime
) -> Mapping[str, Told[V]]:
    """With what was said at that time.

    Of two statements of one moment the smaller value counts: it has to be one of them, and of a yes
    and a no it is the no.
    """
    if not said:
        return known
    merged = dict(known)
    for name, value in said.items():
        before = merged.get(name)
        if before is None or before.at < at or (before.at == at and value < before.value):
            merged[name] = Told(at, value)
    if len(merged) <= MOST_TOLD:
        return merged
    newest = sorted(merged.items(), key=lambda entry: (entry[1].at, entry[0]))[-MOST_TOLD:]
    return dict(newest)


def values(known: Mapping[str, Told[V]]) -> dict[str, V]:
    """What counts now, by name."""
    return {name: told.value for name, told in known.items()}
