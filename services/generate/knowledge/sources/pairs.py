"""Questions with their answers, one a row, into entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from services.generate.domain.entries import Entry
from services.generate.knowledge.sources.characters import cleaned, shortened
from services.generate.knowledge.sources.languages import language_of
from services.generate.knowledge.sources.sections import Section, entry_of, slug_of
from services.generate.knowledge.sources.terms import NAMES, terms_of
from services.generate.knowledge.sources.unreadable import UnreadableDocument

TOLD = ("question", "answer", "id", "lang", "language", *NAMES)
"""What a row may tell; `question` and `answer` it must. Either `lang` or `language` will do."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A row: the line it begins in, what is told of `TOLD`, intents and other wordings."""

    line: int
    told: Mapping[str, str]
    intents: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def entries_of(path: PurePosixPath, pairs: Iterable[Pair], language: str | None) -> list[Entry]:
    """An entry for each row, named by its id or else its question.

    The language is the one the row tells, else of the first folder whose name is a language tag,
    else `language`. Raises UnreadableDocument, which names the line: something is missing, a day is
    none, or two rows of a language have one id.
    """
    entries: list[Entry] = []
    lines: dict[str, int] = {}
    for pair in pairs:
        entry = _entry(path, pair, language)
        first = lines.setdefault(entry.id, pair.line)
        if first != pair.line:
            raise UnreadableDocument(
                f"{path}, lines {first} and {pair.line}: two answers are called "
                f"{shortened(entry.section)}; give them ids of their own"
            )
        entries.append(entry)
    return entries


def _entry(path: PurePosixPath, pair: Pair, language: str | None) -> Entry:
    place = f"{path}, line {pair.line}"
    told = {name: cleaned(value).strip() for name, value in pair.told.items()}
    for name in ("question", "answer"):
        if not told.get(name):
            raise UnreadableDocument(f"{place}: the {name} is empty")
    tag = language_of(
        path, place, told.get("lang") or told.get("language", ""), language, "give the row a `lang`"
    )
    questions = (question.strip() for question in pair.questions)
    section = Section(
        told["question"],
        told["answer"],
        intents=pair.intents,
        questions=tuple(question for question in questions if question),
        terms=terms_of(told, place),
    )
    return entry_of(path, tag, told.get("id") or slug_of(section.heading), section)
