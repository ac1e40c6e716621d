"""Tells what the columns of a table are by looking at their values, never at the target."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from services.personalize.behaviour.schema import Column, Kind, Schema
from services.personalize.behaviour.table import Table, TableError
from services.personalize.behaviour.values import Value, days_in, number_in

MOST_LEVELS = 30
"""Values of a category that are told apart."""
RAREST_LEVEL = 5
"""A rarer value is taken together with others as rare."""
NEARLY_UNIQUE = 0.5
"""A text with more different values than this share of its rows tells rows apart, not customers."""


def looked_at(
    table: Table, ignored: Iterable[str], tell: Callable[[str], object] = lambda _: None
) -> Schema:
    """The columns that can be learned from; `tell` hears of each that is left out, and why.

    Raises TableError when none is left, or an ignored one does not exist.
    """
    leave = set(ignored)
    unknown = sorted(leave - set(table.columns))
    if unknown:
        raise TableError(
            f"{table.path}: no column {', '.join(unknown)}; there are {', '.join(table.columns)}"
        )
    columns = []
    for name, values in table.columns.items():
        if name in leave:
            continue
        found = _column(name, values)
        if isinstance(found, Column):
            columns.append(found)
        else:
            tell(f"column {name} is left out: {found}")
    if not columns:
        raise TableError(f"{table.path}: no column is left to learn from")
    return Schema(tuple(columns))


def _column(name: str, values: Sequence[Value]) -> Column | str:
    """The column, or why it cannot be learned from."""
    given = [value for value in values if value is not None]
    counts = Counter(given)
    if not given:
        return "it has no values"
    if len(counts) == 1 and len(given) == len(values):
        return "it has the same value everywhere"
    absent = 1 - len(given) / len(values)
    return _numeric(name, given, absent) or _category(name, given, absent)


def _numeric(name: str, given: Sequence[str], absent: float) -> Column | str | None:
    """A number or a date, if every value is one."""
    kinds: tuple[tuple[Kind, Callable[[str], float | None]], ...] = (
        ("number", number_in),
        ("date", days_in),
    )
    for kind, read in kinds:
        numbers = [number for text in given if (number := read(text)) is not None]
        if len(numbers) == len(given):
            if kind == "number" and _counts_rows(numbers):
                return "it numbers the rows"
            return Column(name, kind, absent, lower=min(numbers), upper=max(numbers))
    return None


def _category(name: str, given: Sequence[str], absent: float) -> Column | str:
    counts = Counter(given)
    if len(counts) > max(MOST_LEVELS, NEARLY_UNIQUE * len(given)):
        return "its texts are nearly all different"
    frequent = [level for level, n in counts.most_common(MOST_LEVELS) if n >= RAREST_LEVEL]
    rest = len(frequent) < len(counts)
    if len(frequent) + rest + (absent > 0) < 2:
        return "its texts are too rare to tell anything"
    return Column(name, "category", absent, tuple(sorted(frequent)), rest)


def _counts_rows(numbers: Sequence[float]) -> bool:
    """Whether these are 1, 2, 3, ... without a gap, in whatever order."""
    different = set(numbers)
    return (
        len(numbers) > MOST_LEVELS
        and len(different) == len(numbers)
        and max(numbers) - min(numbers) == len(numbers) - 1
        and all(number.is_integer() for number in different)
    )
