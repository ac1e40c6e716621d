"""Parsing HTML, within bounds."""

import re
from collections import Counter
from pathlib import PurePosixPath

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.generate.knowledge.sources.unreadable import UnreadableDocument

DEEPEST = 100
"""Elements in each other: far more than pages have, and few enough to go down by recursion."""
MOST_OPEN = 1000
"""Elements not closed yet: the parser's work grows with the square of their number."""

_OPENING = (
    "div|section|article|aside|main|nav|header|footer|blockquote|figure|details|summary|fieldset"
    "|form|center|address|ul|ol|dl|menu|table|pre|b|i|u|s|em|strong|small|big|tt|code|font|strike"
    "|nobr|h[1-6]"
)
_TAG = re.compile(rf"<(/?)({_OPENING})(?=[\s/>])", re.IGNORECASE)


def tree_of(path: PurePosixPath, markup: str) -> LexborHTMLParser:
    """The page, however broken. Raises UnreadableDocument when it is nested past all bounds."""
    if _most_open(markup) > MOST_OPEN:
        raise UnreadableDocument(f"{path}: over {MOST_OPEN} elements are open at once; close them")
    tree = LexborHTMLParser(markup)
    if tree.body is not None and _is_deeper(tree.body, DEEPEST):
        raise UnreadableDocument(f"{path}: elements stand over {DEEPEST} deep in each other")
    return tree


def _most_open(markup: str) -> int:
    """How many elements are open at once, by their tags alone."""
    counts: Counter[str] = Counter()
    now = most = 0
    for closes, tag in _TAG.findall(markup):
        name = tag.lower()
        if not closes:
            counts[name] += 1
            now += 1
            most = max(most, now)
        elif counts[name]:
            counts[name] -= 1
            now -= 1
    return most


def _is_deeper(node: LexborNode, depth: int) -> bool:
    """Whether elements stand in each other deeper than that; without recursion."""
    level = [node]
    for _ in range(depth):
        level = [child for parent in level for child in parent.iter()]
    return bool(level)
