"""Unlabelled messages from JSON lines and CSV, one after the other: a file may be of any length."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from services.classify.domain.language import Language, language_of
from services.classify.domain.text import text_for_model

Format = Literal["jsonl", "csv"]


class BadRow(Exception):
    """A row that cannot be read; says in which file and line, and why."""


@dataclass(frozen=True, slots=True)
class Message:
    """A row as it was given, and what is read of it. `written_at` is None when nobody told it."""

    row: Mapping[str, Any]
    text: str
    written_at: datetime | None
    language: Language


def read_messages(file: Iterable[bytes], form: Format, name: str) -> Iterator[Message]:
    """The messages of a file's lines, in order; `name` is the file's, for the complaints.

    A row needs `text`; `subject`, `created_at` (ISO 8601, UTC unless it says otherwise) and `lang`
    may be missing or empty. Raises BadRow at the first row that is wrong.
    """
    for line, row in _csv_rows(file, name) if form == "csv" else _json_rows(file, name):
        try:
            yield _message(row)
        except ValueError as error:
            raise BadRow(f"{name}:{line}: {error}") from None


def _json_rows(file: Iterable[bytes], name: str) -> Iterator[tuple[int, Any]]:
    for line, text in _lines(file, name):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
            # What cannot be written again is refused before it is read: half a character, NaN.
            json.dumps(row, ensure_ascii=False, allow_nan=False).encode()
        except json.JSONDecodeError as error:
            raise BadRow(f"{name}:{line}: not JSON: {error.msg}") from None
        except UnicodeEncodeError:
            raise BadRow(f"{name}:{line}: not JSON: half of a surrogate pair") from None
        except ValueError as error:
            raise BadRow(f"{name}:{line}: not JSON: {error}") from None
        except RecursionError:
            raise BadRow(f"{name}:{line}: nested too deeply") from None
        yield line, row


def _csv_rows(file: Iterable[bytes], name: str) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader((text for _, text in _lines(file, name)), strict=True)
    start = 1
    try:
        if "text" not in (reader.fieldnames or ()):
            raise BadRow(f"{name}:1: the header lacks text")
        start = reader.line_num + 1
        for row in reader:
            yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise BadRow(f"{name}:{start}: not CSV: {error}") from None


def _lines(file: Iterable[bytes], name: str) -> Iterator[tuple[int, str]]:
    for line, raw in enumerate(file, 1):
        try:
            yield line, raw.decode("utf-8-sig" if line == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise BadRow(f"{name}:{line}: not UTF-8: {error.reason}") from None


def _message(row: Any) -> Message:
    """Raises ValueError with what is wrong with the row."""
    if not isinstance(row, Mapping):
        raise ValueError("not an object")
    if None in row:
        raise ValueError("more fields than the header names")
    if row.get("text") is None:
        raise ValueError("text is missing")
    for field in ("text", "subject", "created_at", "lang"):
        if not isinstance(row.get(field), str | None):
            raise ValueError(f"{field} is not text")
    text = text_for_model(row.get("subject"), row["text"])
    return Message(row, text, _moment(row.get("created_at")), language_of(text, row.get("lang")))


def _moment(told: str | None) -> datetime | None:
    if not told:
        return None
    try:
        moment = datetime.fromisoformat(told)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("created_at is not a time in ISO 8601") from None
