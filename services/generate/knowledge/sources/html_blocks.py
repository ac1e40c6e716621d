"""The content of an HTML page as a reader goes through it: headings, and blocks of text."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from services.generate.knowledge.sources.html_lines import (
    AROUND,
    BLOCKS,
    HEADINGS,
    LISTS,
    UNSEEN,
    inline_of,
    line_of,
)

_ANY_HEADING = ", ".join(sorted(HEADINGS))
_ANY_BLOCK = ", ".join(sorted(BLOCKS))
_PARTING = ", ".join(sorted({*HEADINGS, "dl", "details"}))
_CONTENT = {"main", "article", "section"}

_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Heading:
    """Begins a section. One that `pairs` ends at its `END`, and what was before goes on then; any
    other ends with the next. `slug` is the id its element has; `questions` are other wordings."""

    text: str
    slug: str | None = None
    questions: tuple[str, ...] = ()
    pairs: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """The end of an answer that was paired with its question."""


END = End()
Part = str | Heading | End


def parts_of(node: LexborNode) -> Iterator[Part]:
    """What the node holds, in order; a str is a paragraph, a list, a table or preformatted."""
    yield from _parts(node.iter(include_text=True))


def _parts(nodes: Iterable[LexborNode]) -> Iterator[Part]:
    run: list[str] = []
    for node in nodes:
        if _is_inline(node):
            run.append(inline_of(node))
            continue
        yield from _paragraph(run)
        run = []
        yield from _block(node)
    yield from _paragraph(run)


def _is_inline(node: LexborNode) -> bool:
    if not node.is_element_node or node.tag in UNSEEN:
        return True
    return node.tag not in BLOCKS and node.css_first(_ANY_BLOCK) is None


def _paragraph(run: list[str]) -> Iterator[str]:
    lines = (" ".join(line.split()) for line in "".join(run).split("\n"))
    text = _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
    if text:
        yield text


def _block(node: LexborNode) -> Iterator[Part]:
    tag = node.tag or ""
    if tag == "header":
        yield from _headings(node)
    elif tag in HEADINGS:
        yield from _heading(node)
    elif tag == "details":
        yield from _details(node)
    elif tag == "dl":
        yield from _definitions(node)
    elif tag in LISTS and node.css_first(_PARTING) is None:
        yield from _kept(_list(node))
    elif tag == "table" and not _is_layout(node):
        yield from _kept(_table(node))
    elif tag == "pre":
        yield from _kept(textwrap.dedent(node.text(deep=True)).strip("\n").rstrip())
    elif tag not in AROUND:
        yield from parts_of(node)


def _is_layout(table: LexborNode) -> bool:
    """Whether a table stands for the arrangement of a page, of more than cells of text."""
    inside = (node for node in table.css(f"{_PARTING}, table") if node.mem_id != table.mem_id)
    return any(node.parent is not None and node.parent.tag != "th" for node in inside)


def _kept(text: str) -> Iterator[str]:
    if text:
        yield text


def _headings(header: LexborNode) -> Iterator[Heading]:
    """Of a page's header nothing, of an article's or a section's the headings."""
    above = header.parent
    while above is not None and above.tag not in _CONTENT:
        above = above.parent
    if above is not None:
        for node in header.css(_ANY_HEADING):
            yield from _heading(node)


def _heading(node: LexborNode) -> Iterator[Heading]:
    text = line_of(node)
    if text:
        yield Heading(text, _slug(node))


def _details(node: LexborNode) -> Iterator[Part]:
    children = list(node.iter(include_text=True))
    summary = next((child for child in children if child.tag == "summary"), None)
    answer = _parts(child for child in children if child.tag != "summary")
    question = line_of(summary) if summary is not None else ""
    if summary is None or not question:
        yield from answer
        return
    yield Heading(question, _slug(node) or _slug(summary), pairs=True)
    yield from answer
    yield END


def _definitions(node: LexborNode) -> Iterator[Part]:
    """The terms of a list, each group with its descriptions; the terms are wordings of one."""
    terms: list[LexborNode] = []
    is_open = False
    for child in _members(node):
        if child.tag == "dt":
            if is_open:
                yield END
            is_open = False
            terms.append(child)
            continue
        if child.tag == "dd" and terms:
            wordings = [line for term in terms if (line := line_of(term))]
            slug = next((slug for term in terms if (slug := _slug(term))), None)
            if wordings:
                yield Heading(wordings[0], slug, tuple(wordings[1:]), pairs=True)
                is_open = True
            terms = []
        yield from _parts([child])
    if is_open:
        yield END


def _members(node: LexborNode) -> Iterator[LexborNode]:
    """The children of a list of definitions, those that a div groups among them."""
    for child in node.iter(include_text=True):
        if child.tag == "div":
            yield from child.iter(include_text=True)
        else:
            yield child


def _list(node: LexborNode) -> str:
    """An item a line, numbered where the list is, lists in it moved in."""
    start = (node.attributes.get("start") or "").strip()
    number = int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1
    items: list[str] = []
    for child in node.iter(include_text=True):
        text = "\n".join(part for part in _parts([child]) if isinstance(part, str))
        if not text:
            continue
        if child.tag in LISTS:
            items.append(textwrap.indent(text, "  "))
            continue
        mark = f"{number}. " if node.tag == "ol" else "- "
        items.append(mark + textwrap.indent(text, " " * len(mark))[len(mark) :])
        number += 1
    return "\n".join(items)


def _table(node: LexborNode) -> str:
    """A row a line, its cells with ` | ` between them."""
    caption = node.css_first("caption")
    lines = [line_of(caption)] if caption is not None else []
    for row in node.css("tr"):
        cells = [
            line_of(cell, with_addresses=True) for cell in row.iter() if cell.tag in ("td", "th")
        ]
        lines.append(" | ".join(cells) if any(cells) else "")
    return "\n".join(line for line in lines if line)


def _slug(node: LexborNode) -> str | None:
    """The id of an element, else of an anchor in it."""
    anchor = node.css_first("a[id], a[name]") if node.tag != "details" else None
    own = (node.attributes.get("id") or "").strip()
    if own or anchor is None:
        return own or None
    return (anchor.attributes.get("id") or anchor.attributes.get("name") or "").strip() or None
