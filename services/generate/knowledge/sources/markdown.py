"""Markdown documents into entries: one per heading that has text of its own below it.

A heading may carry attributes as in Pandoc: `## Where is my parcel? {#tracking .order_status}`
names the section and the intents it answers. `valid_from=2026-11-01`, `valid_until=2026-12-31` and
`version=3` there hold for the section and those below it; in the front matter, for the document.
Other ways to ask for the same may stand first in the section, as a list after the line
`Also asked:`; they are not part of the answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from services.generate.domain.entries import Entry
from services.generate.knowledge.sources import sections
from services.generate.knowledge.sources.characters import shortened
from services.generate.knowledge.sources.front_matter import front_matter
from services.generate.knowledge.sources.languages import language_of
from services.generate.knowledge.sources.sections import Section
from services.generate.knowledge.sources.terms import Terms, terms_of

_HEADING = re.compile(r"(#{1,6})\s+")
_ATTRIBUTES = re.compile(r"\{([^{}]*)\}$")
_ATTRIBUTE = re.compile(r"""([^\s=]+)(?:=("[^"]*"|'[^']*'|\S*))?""")
_FENCE = re.compile(r"\s*(```|~~~)")


@dataclass(frozen=True, slots=True)
class _Chapter:
    """A heading as it is written, its level and the lines below it."""

    level: int
    title: str
    lines: list[str]


def entries_of(path: PurePosixPath, content: str, language: str | None = None) -> list[Entry]:
    """The entries of one document; `path` is relative to the knowledge folder.

    The language is the one of the front matter (`language: en`), else of the first folder whose
    name is a language tag, else `language`. Text before the first heading belongs to the `title` of
    the front matter, if there is one. Raises UnreadableDocument when the language is not told, a
    slug is given twice or a day is none.
    """
    told, body = front_matter(content)
    mend = "write a front matter with `language: en`"
    tag = language_of(path, str(path), told.get("language", ""), language, mend)
    chapters = _chapters(told.get("title", ""), body)
    found = _sections(path, chapters, terms_of(told, str(path)))
    return sections.entries_of(path, tag, list(found))


def _chapters(document: str, body: str) -> list[_Chapter]:
    """The document as level 0, with what stands before the first heading, and every heading, in
    order; `#` inside code is none."""
    chapters = [_Chapter(0, document, [])]
    fenced = False
    for line in body.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        heading = None if fenced else _HEADING.match(line)
        if heading is None:
            chapters[-1].lines.append(line)
        elif title := _title(line[heading.end() :]):
            chapters.append(_Chapter(len(heading[1]), title, []))
    return chapters


def _title(rest: str) -> str:
    """A heading without the `##` that may close it."""
    rest = rest.rstrip()
    opened = rest.rstrip("#")
    return opened.rstrip() if not opened or opened[-1].isspace() else rest


def _sections(path: PurePosixPath, chapters: list[_Chapter], document: Terms) -> Iterator[Section]:
    """The chapters as sections; each has the terms of the chapter around it but for its own."""
    around: list[tuple[int, Terms]] = [(-1, document)]
    for chapter in chapters:
        heading, attributes = _attributes(chapter.title)
        names = [name for name, value in attributes if value is None]
        told = {name: value for name, value in attributes if value is not None}
        while around[-1][0] >= chapter.level:
            around.pop()
        terms = terms_of(told, f"{path}, section {shortened(heading)!r}", around[-1][1])
        around.append((chapter.level, terms))
        yield Section(
            heading,
            "\n".join(chapter.lines),
            slug=next((name[1:] for name in names if name.startswith("#")), None),
            intents=tuple(name[1:] for name in names if name.startswith(".")),
            terms=terms,
        )


def _attributes(title: str) -> tuple[str, list[tuple[str, str | None]]]:
    """A heading and its attributes: names, with their values where they have one."""
    found = _ATTRIBUTES.search(title)
    if found is None or found.start() == 0:
        return title, []
    attributes = [
        (name[1], None if name[2] is None else name[2].strip("\"'"))
        for name in _ATTRIBUTE.finditer(found[1])
    ]
    return title[: found.start()].rstrip(), attributes
