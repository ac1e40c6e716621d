"""What each column of a table means, and a row as numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.personalize.behaviour.values import Value, days_in, number_in

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Kind = Literal["number", "date", "category"]


@dataclass(frozen=True)
class Column:
    """A column that is learned from.

    levels: the values of a category that are told apart; `rest`: rarer ones were seen too and are
    taken together. lower, upper: the range of a number, of a date in days since 1970; values
    beyond it are taken for its end. absent: the share of rows without a value.
    """

    name: str
    kind: Kind
    absent: float
    levels: tuple[str, ...] = ()
    rest: bool = False
    lower: float = 0.0
    upper: float = 0.0

    @property
    def codes(self) -> int:
        """How many values of a category there are, the rest being one; 0 for a number."""
        return len(self.levels) + self.rest

    @cached_property
    def _code_of(self) -> Mapping[str, int]:
        return {level: code for code, level in enumerate(self.levels)}

    def cell(self, value: str) -> tuple[float, bool]:
        """The value as a number, NaN if it has none, and whether it is of a kind seen before."""
        if self.kind == "category":
            code = self._code_of.get(value, len(self.levels) if self.rest else None)
            return (np.nan if code is None else float(code)), value in self._code_of
        found = number_in(value) if self.kind == "number" else days_in(value)
        if found is None:
            return np.nan, False
        return min(max(found, self.lower), self.upper), True


class Cells(NamedTuple):
    """Rows as numbers.

    values: float64 [rows, columns]; a category is its code, NaN a missing value.
    known: [rows, columns]; false where a value is missing or was never seen.
    missing: [rows, columns]; false where a value is given, known or not.
    """

    values: Floats
    known: Flags
    missing: Flags


@dataclass(frozen=True)
class Schema:
    """The columns that are learned from, in order."""

    columns: tuple[Column, ...]

    def cells(self, rows: Sequence[Mapping[str, Value]]) -> Cells:
        """The rows as numbers; other columns are not looked at."""
        shape = (len(rows), len(self.columns))
        values = np.full(shape, np.nan)
        known, missing = np.zeros(shape, np.bool_), np.ones(shape, np.bool_)
        for place, column in enumerate(self.columns):
            for number, row in enumerate(rows):
                value = row.get(column.name)
                if value is not None:
                    values[number, place], known[number, place] = column.cell(value)
                    missing[number, place] = False
        return Cells(values, known, missing)

    def described(self) -> list[dict[str, Any]]:
        """For JSON."""
        return [asdict(column) for column in self.columns]


def schema_of(described: Sequence[Mapping[str, Any]]) -> Schema:
    """The schema that was described. Raises TypeError or KeyError."""
    return Schema(
        tuple(Column(**{**column, "levels": tuple(column["levels"])}) for column in described)
    )
