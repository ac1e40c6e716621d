"""Interactions and items from CSV and JSONL files, with a reason for every row that is unusable."""

import math
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from services.personalize.domain.histories import Doubles
from services.personalize.recommender.log import Log, ordered
from services.personalize.recommender.signals import (
    KINDS,
    LIKED,
    MOST_STARS,
    OWNED,
    RATED,
    RETURNED,
    weight_of,
)
from shared.rows import DataError, refuse, rows_of

SCALES = (5.0, 10.0, 100.0)
"""Ratings are told to be out of the first of these that none is above."""

_NEEDED = ("user", "item", "timestamp")
_MILLISECONDS = 1e11
"""From here on a number is milliseconds: as seconds it would be the year 5138."""
_LATEST = 1e14
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True)
class Item:
    """What the catalogue says of an item. `text` describes it, for its content vector."""

    title: str
    text: str
    available: bool = True
    repeatable: bool = False


def read_interactions(
    path: Path,
    catalogue: Iterable[str] = (),
    progress: Callable[[], object] = lambda: None,
) -> Log:
    """All rows with user, item, timestamp and, where there are, value and event.

    A timestamp is unix seconds, unix milliseconds or ISO 8601, in UTC if it names no zone. Without
    an event a row with a value is a rating and one without a purchase. Items of the `catalogue`
    that nobody had to do with count too. `progress` is called for every row. Raises DataError.
    """
    problems: list[str] = []
    users: dict[str, int] = {}
    items: dict[str, int] = {}
    columns = _Columns()
    for line, row in rows_of(path, _NEEDED):
        progress()
        try:
            user, item, at, value, kind = _interaction(row)
        except ValueError as reason:
            problems.append(f"{path}:{line}: {reason}")
            continue
        columns.users.append(users.setdefault(user, len(users)))
        columns.items.append(items.setdefault(item, len(items)))
        columns.times.append(at)
        columns.values.append(math.nan if value is None else value)
        columns.kinds.append(KINDS.index(kind))
    refuse(problems)
    for item in catalogue:
        items.setdefault(item, len(items))
    return _log(columns, path, len(users), tuple(items))


def read_items(path: Path) -> dict[str, Item]:
    """The catalogue: item and title and, where there are, text, available and repeatable.

    Raises DataError.
    """
    problems: list[str] = []
    items: dict[str, Item] = {}
    for line, row in rows_of(path, ("item", "title")):
        try:
            name, item = _item(row)
            if name in items:
                raise ValueError(f"item {name!r} stands before")
            items[name] = item
        except ValueError as reason:
            problems.append(f"{path}:{line}: {reason}")
    refuse(problems)
    return items


class _Columns:
    """One entry a row, as small as can be."""

    def __init__(self) -> None:
        self.users = array("i")
        self.items = array("i")
        self.times = array("d")
        self.values = array("d")
        self.kinds = array("b")


def _log(columns: _Columns, path: Path, users: int, items: tuple[str, ...]) -> Log:
    kinds = np.frombuffer(columns.kinds, np.int8) if columns.kinds else np.zeros(0, np.int8)
    values = np.array(columns.values, np.float64)
    rated = kinds == KINDS.index(RATED)
    by_kind = np.array([weight_of(kind) for kind in KINDS], np.float32)
    weights = by_kind[kinds]
    weights[rated] = values[rated] / _scale(values[rated], path)
    liked = weights >= LIKED
    return ordered(
        Log(
            users,
            items,
            np.array(columns.users, np.int64),
            np.array(columns.items, np.int64),
            np.array(columns.times, np.float64),
            weights,
            np.array([kind in OWNED for kind in KINDS])[kinds],
            # Where nothing stronger is known, a look is what there is to foresee.
            liked if liked.any() else weights > 0,
            kinds == KINDS.index(RETURNED),
        )
    )


def _scale(ratings: Doubles, path: Path) -> float:
    """What the ratings are out of."""
    if not len(ratings):
        return MOST_STARS
    for scale in SCALES:
        if ratings.max() <= scale:
            return scale
    raise DataError(
        f"{path}: values up to {ratings.max():g} are no ratings: name the event of each row"
    )


def _interaction(row: Any) -> tuple[str, str, float, float | None, str]:
    """User, item, time in unix seconds, value and kind. Raises ValueError with the reason."""
    user, item, at = (_text(row, name) for name in _NEEDED)
    for name, text in (("user", user), ("item", item), ("timestamp", at)):
        if not text:
            raise ValueError(f"{name} is empty")
    value, kind = _number(_text(row, "value")), _text(row, "event")
    kind = kind or (RATED if value is not None else "purchased")
    if kind not in KINDS:
        raise ValueError(f"unknown event {kind!r}: one of {', '.join(KINDS)}")
    if kind == RATED and value is None:
        raise ValueError("rated without a value")
    if kind == RATED and value is not None and value < 0:
        raise ValueError("a rating below 0")
    return user, item, _seconds(at), value, kind


def _item(row: Any) -> tuple[str, Item]:
    name, title = _text(row, "item"), _text(row, "title")
    if not name:
        raise ValueError("item is empty")
    if not title:
        raise ValueError("title is empty")
    return name, Item(
        title,
        _text(row, "text"),
        _boolean(row, "available", True),
        _boolean(row, "repeatable", False),
    )


def _text(row: Any, name: str) -> str:
    """A field as text, empty if there is none; JSON may hold numbers too."""
    if not isinstance(row, Mapping):
        raise ValueError("not an object")
    if None in row:
        raise ValueError("more fields than the header names")
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return str(value).strip()
    raise ValueError(f"{name} is neither text nor a number")


def _boolean(row: Any, name: str, default: bool) -> bool:
    text = _text(row, name).lower()
    if text and text not in _BOOLEANS:
        raise ValueError(f"{name} is neither true nor false: {text!r}")
    return _BOOLEANS.get(text, default)


def _number(text: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"value is no number: {text!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"value is not finite: {text!r}")
    return number


def _seconds(text: str) -> float:
    """Unix seconds of a timestamp."""
    try:
        number = float(text)
    except ValueError:
        return _iso_seconds(text)
    if not 0 <= number < _LATEST:
        raise ValueError(f"timestamp is neither unix seconds nor milliseconds: {text!r}")
    return number / 1000 if number >= _MILLISECONDS else number


def _iso_seconds(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"timestamp is neither a unix time nor ISO 8601: {text!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
