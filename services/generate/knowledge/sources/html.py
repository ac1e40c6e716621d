"""HTML pages into entries: one per heading that has text of its own below it.

Pairs of question and answer, `<dt>` with `<dd>` and `<summary>` with the rest of its `<details>`,
are entries of their own.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.generate.domain.entries import Entry
from services.generate.knowledge.sources import sections
from services.generate.knowledge.sources.front_matter import front_matter
from services.generate.knowledge.sources.html_blocks import End, Heading, Part, parts_of
from services.generate.knowledge.sources.html_lines import line_of
from services.generate.knowledge.sources.html_tree import tree_of
from services.generate.knowledge.sources.languages import language_of, tag_of
from services.generate.knowledge.sources.sections import Section
from services.generate.knowledge.sources.terms import NAMES, terms_of


def entries_of(path: PurePosixPath, content: str, language: str | None = None) -> list[Entry]:
    """The entries of one page; `path` is relative to the knowledge folder.

    Where there is one `<main>`, the page is what it holds. The language is the one of the front
    matter, else of the first folder whose name is a language tag, else of `<html lang>`, else
    `language`. Text before the first heading belongs to the title. Raises UnreadableDocument when
    the language is not told, an id is given twice, a day is none or the markup is no page's.
    """
    told, markup = front_matter(content)
    tree = tree_of(path, markup)
    told = {**_meta(tree), **told}
    own = tree.root.attributes.get("lang") if tree.root is not None else None
    mend = 'write `<html lang="en">`'
    otherwise = own if tag_of(own) else language
    tag = language_of(path, str(path), told.get("language", ""), otherwise, mend)
    terms = terms_of(told, str(path))
    held = _content(tree)
    parts = parts_of(held) if held is not None else ()
    found = [
        Section(head.text, "\n\n".join(texts), head.slug, questions=head.questions, terms=terms)
        for head, texts in _drafts(told.get("title") or _title(tree), parts)
    ]
    return sections.entries_of(path, tag, found)


def _meta(tree: LexborHTMLParser) -> dict[str, str]:
    """What `<meta name="valid-from">` and the like tell."""
    told: dict[str, str] = {}
    for node in tree.css("meta[name]"):
        name = (node.attributes.get("name") or "").strip().lower().replace("-", "_")
        if name in NAMES or name.startswith("valid_"):
            told[name] = node.attributes.get("content") or ""
    return told


def _title(tree: LexborHTMLParser) -> str:
    node = tree.css_first("head title")
    return line_of(node) if node is not None else ""


def _content(tree: LexborHTMLParser) -> LexborNode | None:
    for selector in ("main", "[role=main]"):
        found = tree.css(selector)
        if len(found) == 1:
            return found[0]
    return tree.body


def _drafts(title: str, parts: Iterable[Part]) -> list[tuple[Heading, list[str]]]:
    """Headings with the texts below them, in order of the headings, the title first.

    A heading within an answer that is paired with its question is a part of that answer.
    """
    drafts: list[tuple[Heading, list[str]]] = [(Heading(title), [])]
    around = [drafts[0]]
    for part in parts:
        if isinstance(part, str):
            around[-1][1].append(part)
        elif isinstance(part, End):
            around.pop()
        elif part.pairs:
            drafts.append((part, []))
            around.append(drafts[-1])
        elif len(around) > 1:
            around[-1][1].append(part.text)
        else:
            drafts.append((part, []))
            around = [drafts[-1]]
    return drafts
