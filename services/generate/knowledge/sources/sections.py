"""What all sources come down to: sections, which become entries."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from services.generate.domain.entries import Entry, primary
from services.generate.knowledge.sources.characters import cleaned, shortened
from services.generate.knowledge.sources.languages import document_of
from services.generate.knowledge.sources.terms import ALWAYS, Terms
from services.generate.knowledge.sources.unreadable import UnreadableDocument

LONGEST_SLUG = 200
_ALSO_ASKED = re.compile(r"(?:also asked|也会问)\s*[:：]", re.IGNORECASE)
_ITEM = re.compile(r"[-*+]\s+(.+)")


@dataclass(frozen=True, slots=True)
class Section:
    """A question, its other wordings and its answer. `slug` is the name it was given, if any."""

    heading: str
    text: str
    slug: str | None = None
    intents: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    terms: Terms = ALWAYS


def entries_of(path: PurePosixPath, language: str, sections: Sequence[Section]) -> list[Entry]:
    """An entry for each section of a document that has a heading and text of its own.

    Other wordings may stand first in the text, as a list after the line `Also asked:`. Sections
    without a slug are named after their heading. Raises UnreadableDocument when two were given the
    same slug.
    """
    parted = [(section, *_also_asked(section.text)) for section in sections if section.heading]
    answered = [(section, asked, text) for section, asked, text in parted if text]
    names = _Names()
    for section, _, _ in answered:
        if section.slug and not names.take(section.slug):
            raise UnreadableDocument(f"{path}: two sections are called {shortened(section.slug)}")
    return [
        entry_of(
            path,
            language,
            section.slug or names.unused(slug_of(section.heading)),
            replace(section, text=text, questions=(*section.questions, *asked)),
        )
        for section, asked, text in answered
    ]


def entry_of(path: PurePosixPath, language: str, slug: str, section: Section) -> Entry:
    """The entry of a section, by the name it goes by."""
    document = document_of(path, language)
    return Entry(
        id=f"{document}#{slug}",
        document=document,
        section=slug,
        heading=cleaned(section.heading),
        text=cleaned(section.text),
        language=primary(language),
        intents=section.intents,
        questions=tuple(cleaned(question) for question in section.questions),
        valid_from=section.terms.valid_from,
        valid_until=section.terms.valid_until,
        version=section.terms.version,
    )


def slug_of(heading: str) -> str:
    """A name for a section made from its heading: words of any script, joined by hyphens."""
    folded = unicodedata.normalize("NFKC", heading).lower()
    slug = re.sub(r"[^\w]+", "-", folded).strip("-_")
    return slug[:LONGEST_SLUG].rstrip("-_") or "section"


def _also_asked(text: str) -> tuple[tuple[str, ...], str]:
    """The questions a section begins with, and its answer.

    Their list ends at the first line that is no item, so that an answer may be a list, too.
    """
    rest = text.strip().splitlines()
    if not rest or not _ALSO_ASKED.fullmatch(rest[0].strip()):
        return (), "\n".join(rest)
    rest = "\n".join(rest[1:]).strip().splitlines()
    questions: list[str] = []
    for line in rest:
        item = _ITEM.fullmatch(line.strip())
        if item is None:
            break
        questions.append(item[1].strip())
    return tuple(questions), "\n".join(rest[len(questions) :]).strip()


class _Names:
    """The names taken in a document."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}

    def take(self, name: str) -> bool:
        """Whether the name was free."""
        free = name not in self._taken
        self._taken.add(name)
        return free

    def unused(self, name: str) -> str:
        """The name, or where it is taken, with the first number that is not."""
        if self.take(name):
            return name
        number = self._numbers.get(name, 2)
        while not self.take(f"{name}-{number}"):
            number += 1
        self._numbers[name] = number + 1
        return f"{name}-{number}"
