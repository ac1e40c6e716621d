"""The characters of a document, without those that no reader sees."""

import re

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b\ufeff]")
_HALVES = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n?")


def cleaned(text: str) -> str:
    """The text with `\\n` at every line's end and no control characters, marks of byte order, soft
    hyphens or halves of characters, which nothing could store."""
    return _HALVES.sub("\ufffd", _UNSEEN.sub("", _LINE_END.sub("\n", text)))


def shortened(text: str, longest: int = 60) -> str:
    """The text on one line, short enough for a message."""
    line = " ".join(text[: 4 * longest].split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
