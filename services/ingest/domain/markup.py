"""HTML to text, as a reader would see it."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

_TAGS = (
    "a|abbr|article|b|big|blockquote|body|br|center|code|dd|div|dl|dt|em|font|footer|form|h[1-6]"
    "|head|header|hr|html|i|img|input|label|li|link|main|meta|nav|ol|option|p|pre|s|script|section"
    "|select|small|span|strike|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|title|tr|u|ul"
)
_TAG = re.compile(rf"<(?:!doctype|/?(?:{_TAGS})(?=[\s/>]))[^<>]*>", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_UNSEEN = "script, style, head, template, noscript, select, title"
_QUOTED = ".gmail_quote, .yahoo_quoted, blockquote[type=cite]"
_BLOCKS = (
    "address, article, blockquote, center, dd, div, dl, dt, footer, form, h1, h2, h3, h4, h5, h6,"
    " header, hr, li, main, nav, ol, p, pre, section, table, tr, ul"
)


_BEGINS, _ENDS = "\x02", "\x03"
"""Stand around quoted mails while markup becomes text; no cleaned text holds them."""
_MARKS = re.compile(f"[{_BEGINS}{_ENDS}]")

MOST_TAGS = 10_000
"""More are cut off: a parser's work on nested elements grows with the square of their number."""


def is_markup(text: str) -> bool:
    """Whether the text holds a tag of HTML; `a < b` and `<order 17>` are none."""
    return _TAG.search(text) is not None


def bounded(html: str) -> str:
    """The markup up to its `MOST_TAGS`th tag."""
    parts = html.split("<", MOST_TAGS + 1)
    return "<".join(parts[: MOST_TAGS + 1])


@dataclass(frozen=True, slots=True)
class Visible:
    """The visible text, apart from mails that the markup says are quoted."""

    text: str
    quoted: str = ""


def to_text(html: str) -> Visible:
    """The visible text: block elements on lines of their own, entities decoded.

    Scripts and styles are dropped; of a picture its description stays.
    """
    html = _MARKS.sub("", html)
    tree = LexborHTMLParser(html if "<pre" in html.lower() else _SPACES.sub(" ", html))
    for node in tree.css(_UNSEEN):
        node.decompose()
    for node in tree.css(_QUOTED):
        node.insert_before(_BEGINS)
        node.insert_after(_ENDS)
    for node in tree.css("img[alt]"):
        node.replace_with(node.attributes["alt"] or "")
    for node in tree.css("br"):
        node.replace_with("\n")
    for node in tree.css(_BLOCKS):
        node.insert_before("\n")
        node.insert_after("\n")
    for node in tree.css("td, th"):
        node.insert_after(" ")
    return _parted(tree.body.text(deep=True)) if tree.body else Visible("")


def _parted(text: str) -> Visible:
    """The text with what stands between marks, nested or not, kept apart."""
    parts: tuple[list[str], list[str]] = ([], [])
    depth = position = 0
    for mark in _MARKS.finditer(text):
        parts[depth > 0].append(text[position : mark.start()])
        depth = max(0, depth + (1 if mark[0] == _BEGINS else -1))
        position = mark.end()
    parts[depth > 0].append(text[position:])
    return Visible("".join(parts[0]), "".join(parts[1]))
