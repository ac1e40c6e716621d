"""Rows of data files, CSV or JSONL as their suffix tells, each with its line."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

SUFFIXES = (".csv", ".jsonl")
_SHOWN = 20


class DataError(Exception):
    """Data that cannot be used; the message says where, why, and how to mend it."""


def rows_of(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, Any]]:
    """Line number and row; a row is a mapping, or whatever else a JSONL line holds.

    `needed` are the columns a CSV file must have. Raises DataError.
    """
    if path.suffix not in SUFFIXES:
        raise DataError(f"{path}: only .csv and .jsonl files can be read")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            yield from (
                _csv_rows(file, path, needed) if path.suffix == ".csv" else _json_rows(file, path)
            )
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: not UTF-8: {error.reason}") from None


def refuse(problems: Sequence[str]) -> None:
    """Raises DataError with the first of the problems, if there are any."""
    if problems:
        more = f"\n... and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise DataError("\n".join(problems[:_SHOWN]) + more)


def _csv_rows(file: Iterable[str], path: Path, needed: Sequence[str]) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader(file)
    missing = [name for name in needed if name not in (reader.fieldnames or ())]
    if missing:
        raise DataError(f"{path}:1: the header lacks {', '.join(missing)}")
    start = 2
    try:
        for row in reader:
            yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{path}:{start}: not CSV: {error}") from None


def _json_rows(file: Iterable[str], path: Path) -> Iterator[tuple[int, Any]]:
    for line, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            yield line, json.loads(text)
        except json.JSONDecodeError as error:
            raise DataError(f"{path}:{line}: not JSON: {error.msg}") from None
        except RecursionError:
            raise DataError(f"{path}:{line}: nested too deeply") from None
