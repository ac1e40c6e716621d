"""A table from a CSV or JSONL file; of what cannot be read the file, the line and the reason."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from services.personalize.behaviour.values import Value, value_of

SUFFIXES = (".csv", ".jsonl")


class TableError(Exception):
    """The table cannot be learned from; the message says where, why, and what to do."""


@dataclass(frozen=True)
class Table:
    """Columns of equal length by name, and the line of the file that each row stands on."""

    path: Path
    columns: Mapping[str, list[Value]]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.lines)

    def only(self, rows: list[int]) -> "Table":
        """Some of the rows."""
        columns = {name: [values[row] for row in rows] for name, values in self.columns.items()}
        return Table(self.path, columns, [self.lines[row] for row in rows])

    def rows(self) -> list[dict[str, Value]]:
        """Row by row, as a model is asked."""
        names = list(self.columns)
        return [
            dict(zip(names, row, strict=True)) for row in zip(*self.columns.values(), strict=True)
        ]


def read_table(path: Path) -> Table:
    """All rows; a JSONL row may lack columns. Raises TableError or OSError."""
    if path.suffix not in SUFFIXES:
        raise TableError(f"{path}: only .csv and .jsonl files can be read")
    columns: dict[str, list[Value]] = {}
    lines: list[int] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            rows = _csv_rows(file, path) if path.suffix == ".csv" else _json_rows(file, path)
            for line, row in rows:
                for name in row.keys() - columns.keys():
                    columns[name] = [None] * len(lines)
                for name, values in columns.items():
                    values.append(_value(row.get(name), f"{path}:{line}: {name}"))
                lines.append(line)
        except UnicodeDecodeError as error:
            raise TableError(f"{path}: not UTF-8: {error.reason}") from None
    if not lines:
        raise TableError(f"{path}: no rows")
    return Table(path, {name: columns[name] for name in sorted(columns)}, lines)


def _value(given: object, where: str) -> Value:
    try:
        return value_of(given)
    except ValueError as error:
        raise TableError(f"{where} is {error}") from None


def _csv_rows(file: TextIO, path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.reader(file, strict=True)
    line = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        if not header or not all(header) or len(set(header)) < len(header):
            raise TableError(f"{path}:1: the header needs a name for each column, none twice")
        line = reader.line_num + 1
        for fields in reader:
            if fields and len(fields) != len(header):
                raise TableError(f"{path}:{line}: {len(fields)} fields, not {len(header)}")
            if fields:
                yield line, dict(zip(header, fields, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(f"{path}:{line}: not CSV: {error}") from None


def _json_rows(file: TextIO, path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except json.JSONDecodeError as error:
            raise TableError(f"{path}:{line}: not JSON: {error.msg}") from None
        except RecursionError:
            raise TableError(f"{path}:{line}: nested too deeply") from None
        if not isinstance(row, Mapping):
            raise TableError(f"{path}:{line}: not an object")
        yield line, row
