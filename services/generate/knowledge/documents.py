"""The files a knowledge base is made from."""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from services.generate.domain.entries import Entry, primary
from services.generate.knowledge.sources import csv_pairs, html, jsonl_pairs, markdown
from services.generate.knowledge.sources.languages import tag_of
from services.generate.knowledge.sources.unreadable import UnreadableDocument

SEED = Path(__file__).parent.parent / "seed"
SEED_DOCUMENTS = SEED / "knowledge"
SEED_QUESTIONS = SEED / "queries.csv"

SOURCES: Mapping[str, Callable[[PurePosixPath, str, str | None], list[Entry]]] = {
    ".md": markdown.entries_of,
    ".html": html.entries_of,
    ".htm": html.entries_of,
    ".csv": csv_pairs.entries_of,
    ".jsonl": jsonl_pairs.entries_of,
}
"""The kinds of files, by their suffix."""
_SHOWN = 20


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


def read_documents(
    folder: Path,
    language: str | None = None,
    complain: Callable[[str], object] = lambda _: None,
) -> list[Entry]:
    """The entries of every file of the SOURCES below the folder, in the order of their names.

    `language` is the one of documents that nothing else tells the language of. `complain` is told
    of files of other kinds and of those without an answer. Hidden ones, whose name or folder begins
    with a dot, are passed over. Raises UnusableInput.
    """
    if not folder.is_dir():
        raise UnusableInput(f"{folder} is no folder")
    if language is not None and tag_of(language) is None:
        raise UnusableInput(f"{language!r} is no language; write one such as en or zh-CN")
    entries: list[Entry] = []
    owners: dict[str, PurePosixPath] = {}
    strange: list[PurePosixPath] = []
    empty: list[PurePosixPath] = []
    for path in _files(folder):
        read = SOURCES.get(path.suffix.lower())
        if read is None:
            strange.append(path)
            continue
        try:
            made = read(path, _content(folder / path), language)
        except UnreadableDocument as error:
            raise UnusableInput(f"{folder}/{error}") from error
        if not made:
            empty.append(path)
        for entry in made:
            if owners.setdefault(entry.id, path) != path:
                raise UnusableInput(
                    f"{folder}: {owners[entry.id]} and {path} both have an entry {entry.id};"
                    " rename one of the files"
                )
        entries += made
    kinds = ", ".join(SOURCES)
    if strange:
        complain(f"{folder}: left out, for only {kinds} can be read: {_listed(strange)}")
    if empty:
        complain(f"{folder}: without an answer, a heading and text below it: {_listed(empty)}")
    if not entries:
        raise UnusableInput(f"{folder} has no file with an answer among its {kinds}")
    return entries


def _files(folder: Path) -> list[PurePosixPath]:
    paths = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    seen = (path for path in paths if not any(part.startswith(".") for part in path.parts))
    return [PurePosixPath(path.as_posix()) for path in seen]


def _content(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableInput(f"{path} is not UTF-8; save it as UTF-8") from None


def _listed(paths: Iterable[PurePosixPath]) -> str:
    names = [str(path) for path in paths]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


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
