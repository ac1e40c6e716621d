"""HTML to text, as a reader would see it."""

import re

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


MOST_TAGS = 10_000
"""More are cut off: a parser's work on nested elements grows with the square of their number."""


def is_markup(text: str) -> bool:
    """Whether the text holds a tag of HTML; `a < b` and `<order 17>` are none."""
    return _TAG.search(text) is not None


def bounded(html: str) -> str:
    """The markup up to its `MOST_TAGS`th tag."""
    parts = html.split("<", MOST_TAGS + 1)
    return "<".join(parts[: MOST_TAGS + 1])


def to_text(html: str) -> str:
    """The visible text: block elements on lines of their own, entities decoded.

    Scripts, styles and quoted mails are dropped; of a picture its description stays.
    """
    tree = LexborHTMLParser(html if "<pre" in html.lower() else _SPACES.sub(" ", html))
    for selector in (_UNSEEN, _QUOTED):
        for node in tree.css(selector):
            node.decompose()
    for node in tree.css("img[alt]"):
        node.replace_with(node.attributes["alt"] or "")
    for node in tree.css("br"):
        node.replace_with("\n")
    for node in tree.css(_BLOCKS):
        node.insert_before("\n")
        node.insert_after("\n")
    for node in tree.css("td, th"):
        node.insert_after(" ")
    return tree.body.text(deep=True) if tree.body else ""
