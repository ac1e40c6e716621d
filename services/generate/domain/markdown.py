"""Markdown documents into entries: one per heading that has text of its own below it.

A heading may carry attributes as in Pandoc: `## Where is my parcel? {#tracking .order_status}`
names the section and the intents it answers. Other ways to ask for the same may stand first in the
section, as a list after the line `Also asked:`; they are not part of the answer.
"""

import re
import unicodedata
from pathlib import PurePosixPath

from services.generate.domain.entries import Entry, primary

HEADING = re.compile(r"^(#{1,6})\s+(.*?)(?:\s+#+)?\s*$")
ATTRIBUTES = re.compile(r"\s*\{([^{}]*)\}$")
FENCE = re.compile(r"^\s*(```|~~~)")
LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
ALSO_ASKED = re.compile(r"(?:also asked|也会问)\s*[:：]", re.IGNORECASE)
ITEM = re.compile(r"[-*+]\s+(.+)")
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


class UnreadableDocument(Exception):
    """A document that cannot become entries; the message says what to mend."""


def entries_of(path: PurePosixPath, content: str) -> list[Entry]:
    """The entries of one document; `path` is relative to the knowledge folder.

    The language is the one of the front matter (`language: en`), else of the first folder whose
    name is a language tag. The document's own title is no entry unless text follows it. Raises
    UnreadableDocument when the language is not told or a slug is given twice.
    """
    content = content.lstrip("\ufeff").replace("\r\n", "\n")
    meta, body = _front_matter(content)
    language = _language(path, meta)
    document = str(path) if path.parts[0] == language else f"{language}/{path}"
    entries: list[Entry] = []
    taken: set[str] = set()
    for title, lines in _sections(body):
        questions, text = _also_asked(lines)
        if not text:
            continue
        heading, slug, intents = _attributes(title)
        section = slug or _unused(slug_of(heading), taken)
        if section in taken:
            raise UnreadableDocument(f"{path}: two sections are called {section}")
        taken.add(section)
        entries.append(
            Entry(
                id=f"{document}#{section}",
                document=document,
                section=section,
                heading=heading,
                text=text,
                language=primary(language),
                intents=intents,
                questions=questions,
            )
        )
    return entries


def slug_of(heading: str) -> str:
    """A name for a section made from its heading: words of any script, joined by hyphens."""
    folded = unicodedata.normalize("NFKC", heading).lower()
    return re.sub(r"[^\w]+", "-", folded).strip("-_") or "section"


def _front_matter(content: str) -> tuple[dict[str, str], str]:
    found = FRONT_MATTER.match(content)
    if found is None:
        return {}, content
    pairs = (line.partition(":") for line in found.group(1).splitlines())
    meta = {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}
    return meta, content[found.end() :]


def _language(path: PurePosixPath, meta: dict[str, str]) -> str:
    folders = (part for part in path.parts[:-1] if LANGUAGE.match(part))
    language = meta.get("language") or next(folders, "")
    if not LANGUAGE.match(language):
        raise UnreadableDocument(
            f"{path}: which language? Put it into a folder such as en/ or write a front matter "
            "with `language: en`"
        )
    return language


def _sections(body: str) -> list[tuple[str, list[str]]]:
    """Title and lines of every section, in order; `#` inside code is no heading."""
    sections: list[tuple[str, list[str]]] = []
    fenced = False
    for line in body.splitlines():
        if FENCE.match(line):
            fenced = not fenced
        heading = None if fenced else HEADING.match(line)
        if heading is not None:
            sections.append((heading.group(2), []))
        elif sections:
            sections[-1][1].append(line)
    return sections


def _also_asked(lines: list[str]) -> tuple[tuple[str, ...], str]:
    """The questions a section begins with, and its text.

    Their list ends at the first line that is no item, so that an answer may be a list, too.
    """
    rest = "\n".join(lines).strip().splitlines()
    if not rest or not ALSO_ASKED.fullmatch(rest[0].strip()):
        return (), "\n".join(rest)
    rest = "\n".join(rest[1:]).strip().splitlines()
    questions: list[str] = []
    for line in rest:
        item = ITEM.fullmatch(line.strip())
        if item is None:
            break
        questions.append(item.group(1).strip())
    return tuple(questions), "\n".join(rest[len(questions) :]).strip()


def _attributes(title: str) -> tuple[str, str | None, tuple[str, ...]]:
    """Heading, `#slug` and `.intents` of a title."""
    found = ATTRIBUTES.search(title)
    if found is None:
        return title, None, ()
    words = found.group(1).split()
    slug = next((word[1:] for word in words if word.startswith("#")), None)
    intents = tuple(word[1:] for word in words if word.startswith("."))
    return ATTRIBUTES.sub("", title), slug, intents


def _unused(slug: str, taken: set[str]) -> str:
    if slug not in taken:
        return slug
    number = next(n for n in range(2, len(taken) + 3) if f"{slug}-{n}" not in taken)
    return f"{slug}-{number}"
