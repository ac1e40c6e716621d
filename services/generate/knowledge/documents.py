"""The files a knowledge base is made from."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from services.generate.domain.entries import Entry, primary
from services.generate.domain.markdown import UnreadableDocument, entries_of

SEED = Path(__file__).parent.parent / "seed"
SEED_DOCUMENTS = SEED / "knowledge"
SEED_QUESTIONS = SEED / "queries.csv"


class UnusableInput(Exception):
    """A file or folder that cannot be used; the message names it and says what to mend."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something customers ask. `entry` is the id of the entry that answers it, or None; `intents`
    are the probabilities that classify reads in it, as far as known."""

    text: str
    language: str
    entry: str | None
    intents: Mapping[str, float] = field(default_factory=dict)


def read_documents(folder: Path) -> list[Entry]:
    """The entries of every Markdown file below the folder, in the order of their names."""
    if not folder.is_dir():
        raise UnusableInput(f"{folder} is no folder")
    entries: list[Entry] = []
    for path in sorted(folder.rglob("*.md")):
        relative = PurePosixPath(path.relative_to(folder).as_posix())
        try:
            entries += entries_of(relative, path.read_text("utf-8"))
        except (UnreadableDocument, UnicodeDecodeError) as error:
            raise UnusableInput(f"{folder}: {error}") from error
    if not entries:
        raise UnusableInput(f"{folder} has no Markdown file with a heading and text below it")
    return entries


def read_questions(path: Path, entries: list[Entry]) -> list[Question]:
    """Questions from a CSV file with the columns query, doc_id, lang and, if you like, intents.

    An empty doc_id says that no entry answers the question. `intents` is what classify ranks for
    it, such as `refund 0.83 return_exchange 0.1`; empty where that is not known.
    """
    known = {entry.id for entry in entries}
    questions = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                if not {"query", "doc_id", "lang"} <= row.keys():
                    raise UnusableInput(f"{path} needs the columns query, doc_id and lang")
                entry = (row["doc_id"] or "").strip() or None
                if entry is not None and entry not in known:
                    raise UnusableInput(f"{path}, line {line}: there is no entry {entry}")
                try:
                    intents = _intents(row.get("intents") or "")
                except ValueError as error:
                    raise UnusableInput(
                        f"{path}, line {line}: intents are written like refund 0.83 invoice 0.1"
                    ) from error
                questions.append(
                    Question(row["query"].strip(), primary(row["lang"]), entry, intents)
                )
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput(f"{path} cannot be read: {type(error).__name__}") from error
    return questions


def _intents(cell: str) -> dict[str, float]:
    words = cell.split()
    return {intent: float(share) for intent, share in zip(words[::2], words[1::2], strict=True)}
