"""JSONL files of questions and answers into entries: one object a line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from services.generate.domain.entries import Entry
from services.generate.knowledge.sources import pairs
from services.generate.knowledge.sources.characters import cleaned
from services.generate.knowledge.sources.pairs import TOLD, Pair
from services.generate.knowledge.sources.unreadable import UnreadableDocument


def entries_of(path: PurePosixPath, content: str, language: str | None = None) -> list[Entry]:
    """The entries of one file; `path` is relative to the knowledge folder.

    Fields are named as the columns of CSV files; `intents` and `questions` are lists. Public sets
    of questions have `faq_id` for `id`, and for `answer` a list `answers`, of which one entry is
    made. Others are passed over. Raises UnreadableDocument, which names the line.
    """
    return pairs.entries_of(path, list(_pairs(path, content)), language)


def _pairs(path: PurePosixPath, content: str) -> Iterator[Pair]:
    # Not splitlines: JSON may hold other line ends as they are.
    for line, text in enumerate(cleaned(content).split("\n"), start=1):
        if not text.strip():
            continue
        place = f"{path}, line {line}"
        row = _row(text, place)
        told = {name: _text(row[name], name, place) for name in row if _is_told(name)}
        yield Pair(
            line,
            {
                **told,
                "id": told.get("id") or told.get("faq_id", ""),
                "answer": told.get("answer") or "\n\n".join(_texts(row, "answers", place)),
            },
            tuple(intent for text in _texts(row, "intents", place) for intent in text.split()),
            tuple(_texts(row, "questions", place)),
        )


def _is_told(name: str) -> bool:
    return name in TOLD or name == "faq_id" or name.startswith("valid_")


def _row(text: str, place: str) -> Mapping[str, Any]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        why = getattr(error, "msg", type(error).__name__)
        raise UnreadableDocument(f"{place}: not JSON: {why}") from None
    if not isinstance(row, dict):
        raise UnreadableDocument(f"{place}: not an object")
    return row


def _text(value: Any, name: str, place: str) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise UnreadableDocument(f"{place}: {name} is not text")


def _texts(row: Mapping[str, Any], name: str, place: str) -> list[str]:
    """The texts of a list, or the one that stands in its place, which are not empty."""
    value = row.get(name)
    texts = value if isinstance(value, list) else [value]
    return [text for text in (_text(text, name, place) for text in texts) if text.strip()]
