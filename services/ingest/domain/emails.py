"""E-mail addresses: around every @, a bounded look to both sides, so the cost is linear."""

import re
from collections.abc import Iterator

_LONGEST_LOCAL, _LONGEST_DOMAIN = 64, 255
_LOCAL = r"0-9A-Za-z\u00c0-\u024f.!#$%&'*+/=?^_`{|}~\-"
_LOCAL_END = re.compile(rf"[{_LOCAL}]{{1,{_LONGEST_LOCAL}}}\Z")
_LABEL = r"[0-9A-Za-z\u00c0-\u024f](?:[0-9A-Za-z\u00c0-\u024f\-]{0,62})"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.){{1,8}}[A-Za-z]{{2,24}}(?![A-Za-z0-9])")
_OPENING = "'`*~|{=/.!?&#"


def find(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every address, in order."""
    position = 0
    while (at := text.find("@", position)) >= 0:
        left = max(position, at - _LONGEST_LOCAL)
        local = _trimmed(text, left, at)
        domain = _DOMAIN.match(text, at + 1, at + 1 + _LONGEST_DOMAIN)
        position = at + 1
        if local is not None and domain is not None:
            position = domain.end()
            yield local, domain.end()


def _trimmed(text: str, left: int, at: int) -> int | None:
    """Where the part before the @ begins, without opening punctuation; None if there is none."""
    match = _LOCAL_END.search(text[left:at])
    if match is None:
        return None
    start = left + match.start()
    while start < at and text[start] in _OPENING:
        start += 1
    return start if start < at else None
