"""Reads texts with labelled personal data from JSONL and CSV files."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from services.ingest.domain.judging import Labelled, Span

UNKNOWN_LANGUAGE = "unknown"


class BadRow(Exception):
    """A row that cannot be used; says in which file and line, and why."""


def read(paths: Iterable[Path]) -> Iterator[Labelled]:
    """The rows of the files, told by their suffix. Raises BadRow at the first that is wrong."""
    for path in paths:
        for line, row in _rows(path):
            where = f"{path.name}:{line}"
            try:
                yield _labelled(where, row)
            except ValueError as error:
                raise BadRow(f"{path}, line {line}: {error}") from None


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    if path.suffix not in (".jsonl", ".csv"):
        raise BadRow(f"{path}: neither .jsonl nor .csv")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _csv(path, file) if path.suffix == ".csv" else _jsonl(path, file)
    except OSError as error:
        raise BadRow(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadRow(f"{path}: not UTF-8") from None


def _jsonl(path: Path, file: Iterable[str]) -> Iterator[tuple[int, Any]]:
    for line, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            yield line, json.loads(text)
        except json.JSONDecodeError as error:
            raise BadRow(f"{path}, line {line}: no JSON: {error.msg}") from None


def _csv(path: Path, file: Iterable[str]) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader(file, strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise BadRow(f"{path}, line {reader.line_num}: {error}") from None


def _labelled(where: str, row: Any) -> Labelled:
    """The row. Raises ValueError with what is wrong with it."""
    if not isinstance(row, Mapping):
        raise ValueError("not an object")
    text, spans = row.get("text"), row.get("spans")
    if not isinstance(text, str):
        raise ValueError("`text` is missing")
    if isinstance(spans, str):
        try:
            spans = json.loads(spans or "[]")
        except json.JSONDecodeError as error:
            raise ValueError(f"`spans` is no JSON: {error.msg}") from None
    if not isinstance(spans, list):
        raise ValueError("`spans` is no list of {start, end, type}")
    language = row.get("lang") or UNKNOWN_LANGUAGE
    if not isinstance(language, str):
        raise ValueError("`lang` is no text")
    return Labelled(where, text, tuple(_span(text, span) for span in spans), language)


def _span(text: str, span: Any) -> Span:
    if not isinstance(span, Mapping):
        raise ValueError("a span is no {start, end, type}")
    start, end, kind = span.get("start"), span.get("end"), span.get("type")
    if type(start) is not int or type(end) is not int or not isinstance(kind, str) or not kind:
        raise ValueError("a span needs whole numbers `start` and `end`, and a `type`")
    if not 0 <= start < end <= len(text):
        raise ValueError(f"span {start} to {end} lies not within the text's {len(text)} characters")
    return Span(start, end, kind)
