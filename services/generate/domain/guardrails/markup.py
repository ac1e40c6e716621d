"""Markup: a reply is plain text, and a reader must see where a link leads."""

import re
from collections.abc import Iterator

from services.generate.domain.guardrails.characters import FLAGS
from services.generate.domain.guardrails.violation import Code, Violation, at

_MARKUP = re.compile(
    r"</?[A-Za-z!?][^<>\s]{0,40}[\s/>]|<!--|-->"  # tags and comments
    r"|!?\[[^\[\]\n]{0,200}\]\([^()\s]{1,500}\)"  # links and pictures of Markdown
    r"|(?:^|\n) {0,3}\[[^\[\]\n]{1,80}\]: ?\S"  # and where those by reference lead
    r"|```|~~~|&(?:[a-z]{2,8}|#x?[0-9a-f]{1,6});|\{\{|\}\}|\{%|\$\{"
    r"|\b(?:javascript|vbscript):|\bdata:[a-z]{2,20}/",
    FLAGS,
)
_ENCODED = re.compile(
    r"(?<![A-Za-z0-9+/=])(?=[A-Za-z0-9+/]*[A-Z0-9+/])[A-Za-z0-9+/]{32,}={0,2}(?![A-Za-z0-9+/])"
)
"""Base64 and the like: no word is that long."""


def markup(text: str) -> Iterator[Violation]:
    """Tags, comments, entities, hidden links, templates, code and encoded text."""
    for pattern in (_MARKUP, _ENCODED):
        for match in pattern.finditer(text):
            yield at(Code.MARKUP, text, match.start(), match.end())
