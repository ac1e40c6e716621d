"""The text of HTML elements, as a reader sees it on a line."""

import re

from selectolax.lexbor import LexborNode

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
LISTS = {"ul", "ol", "menu"}
AROUND = {"nav", "footer", "aside"}
"""What stands around the content."""
BLOCKS = {*AROUND, *HEADINGS, *LISTS, "header", "main", "article", "section", "div", "p", "pre"}
BLOCKS |= {"dl", "dt", "dd", "li", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"}
BLOCKS |= {"details", "summary", "blockquote", "figure", "figcaption", "address", "form", "hr"}
BLOCKS |= {"fieldset", "legend", "hgroup", "center", "body", "dialog", "search"}
UNSEEN = {"script", "style", "template", "noscript", "svg", "iframe", "object", "canvas", "audio"}
UNSEEN |= {"video", "button", "select", "input", "textarea", "head", "title"}

_SPACES = re.compile(r"[ \t\n\f\r]+")
_EAST_ASIAN = "[\u2e80-\u9fff\uff00-\uffef]"
_BROKEN = re.compile(rf"(?<={_EAST_ASIAN})[ \t]*\n[ \t]*(?={_EAST_ASIAN})")
"""A line's end in the source within a script that has no spaces."""
_WORD = re.compile(r"\w")


def line_of(node: LexborNode, *, with_addresses: bool = False) -> str:
    """All its text on one line; links have their addresses after them, if that is wished."""
    return " ".join(_flat(node, with_addresses, with_buttons=True).split())


def inline_of(node: LexborNode) -> str:
    """The text of a node that holds no block, with `\\n` where a line is broken on purpose."""
    return _inline(node, with_addresses=True, with_buttons=False)


def _flat(node: LexborNode, with_addresses: bool, with_buttons: bool) -> str:
    return "".join(
        _inline(child, with_addresses, with_buttons) for child in node.iter(include_text=True)
    )


def _inline(node: LexborNode, with_addresses: bool, with_buttons: bool) -> str:
    if node.is_text_node:
        return _SPACES.sub(" ", _BROKEN.sub("", node.text_content or ""))
    tag = node.tag or ""
    is_seen = tag not in UNSEEN or (tag == "button" and with_buttons)
    if not node.is_element_node or not is_seen:
        return ""
    if tag == "br":
        return "\n"
    if tag == "img":
        return node.attributes.get("alt") or ""
    text = _flat(node, with_addresses, with_buttons)
    if tag == "a":
        return _link(text, (node.attributes.get("href") or "").strip(), with_addresses)
    return f" {text} " if tag in BLOCKS else text


def _link(text: str, address: str, with_address: bool) -> str:
    """The text of a link and its address; of one to its own place, such as `#`, nothing."""
    if address.startswith("#") and not _WORD.search(text):
        return ""
    words = text.strip()
    is_web = address.lower().startswith(("http://", "https://"))
    if not (with_address and is_web and words) or words == address:
        return text
    return f"{text.rstrip()} ({address}){text[len(text.rstrip()) :]}"
