"""CSV files of questions and answers into entries: one a row, columns named by the first."""

import csv
import io
from collections.abc import Iterator
from pathlib import PurePosixPath

from services.generate.domain.entries import Entry
from services.generate.knowledge.sources import pairs
from services.generate.knowledge.sources.characters import cleaned
from services.generate.knowledge.sources.pairs import Pair
from services.generate.knowledge.sources.unreadable import UnreadableDocument

_BETWEEN_QUESTIONS = " | "


def entries_of(path: PurePosixPath, content: str, language: str | None = None) -> list[Entry]:
    """The entries of one file; `path` is relative to the knowledge folder.

    Columns: `question` and `answer`; if you like, `id`, `lang`, `intents` with spaces between them,
    `questions` with ` | ` between them, `valid_from`, `valid_until` and `version`. Others are
    passed over. Raises UnreadableDocument, which names the line.
    """
    return pairs.entries_of(path, list(_pairs(path, content)), language)


def _pairs(path: PurePosixPath, content: str) -> Iterator[Pair]:
    rows = _rows(path, content)
    line, header = next(rows, (1, []))
    names = [name.strip().lower() for name in header]
    missing = [name for name in ("question", "answer") if name not in names]
    if missing:
        raise UnreadableDocument(
            f"{path}, line {line}: the header lacks {' and '.join(missing)}; columns stand apart by"
            " commas, and files of other columns in another folder"
        )
    for line, row in rows:
        if len(row) > len(names):
            raise UnreadableDocument(f"{path}, line {line}: more fields than the header names")
        cells = dict(zip(names, row, strict=False))
        yield Pair(
            line,
            cells,
            tuple(cells.get("intents", "").split()),
            tuple(cells.get("questions", "").split(_BETWEEN_QUESTIONS)),
        )


def _rows(path: PurePosixPath, content: str) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not empty, with the line it begins in."""
    reader = csv.reader(io.StringIO(cleaned(content), newline=""), strict=True)
    start = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableDocument(f"{path}, line {start}: not CSV: {error}") from None
