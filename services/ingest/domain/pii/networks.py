"""IP addresses, version 4 and 6."""

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache

from services.ingest.domain.pii import cues
from services.ingest.domain.pii.kinds import Found
from services.ingest.domain.pii.linear import compiled

_FOUR = compiled(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3,}")
_HEX = "[0-9A-Fa-f]"
_SIX = compiled(
    rf"(?:{_HEX}{{1,4}}:(?:{_HEX}{{0,4}}:){{1,6}}|::{_HEX}{{1,4}}:(?:{_HEX}{{1,4}}:){{0,4}}|::)"
    rf"(?:(?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}}|{_HEX}{{1,4}})"
    rf"|{_HEX}{{1,4}}(?::{_HEX}{{1,4}}){{0,6}}::"
)
_VERSION = re.compile(
    r"(?:版本|固件|\b(?:version|ver|v|release|build|firmware|driver|section|chapter"
    r"|clause))[号.: ]{0,3}\Z",
    re.IGNORECASE,
)
_CUE = re.compile(r"\bip\b|\b(?:address|server|host|dns|ping|from)\b|地址|服务器", re.IGNORECASE)
_AROUND = frozenset(".:-_")


def find(text: str) -> Iterator[Found]:
    """Addresses of both versions. Four small numbers are a version unless called an address."""
    for match in _SIX.finditer(text):
        start, end = match.span()
        normal = _six(match[0])
        if normal and _apart(text, start, end) and not _is_scope(text, start, match[0]):
            yield Found(start, end, "IP", normal)
    for match in _FOUR.finditer(text):
        start, end = match.span()
        if _is_four(match[0]) and _apart(text, start, end) and not _is_version(text, start, end):
            yield Found(start, end, "IP", match[0])


def _six(written: str) -> str:
    try:
        return ipaddress.IPv6Address(written).compressed
    except ValueError:
        return ""


def _is_four(written: str) -> bool:
    parts = written.split(".")
    return len(parts) == 4 and all(int(part) < 256 for part in parts)


def _apart(text: str, start: int, end: int) -> bool:
    """Whether it is no piece of a longer word, number or path of the same signs."""
    before, after = text[max(0, start - 1) : start], text[end : end + 2]
    if before and ((before.isascii() and before.isalnum()) or before in _AROUND):
        return False
    if after[:1].isascii() and after[:1].isalnum():
        return False
    return not (len(after) > 1 and after[0] in ".-_" and after[1].isalnum())


def _is_scope(text: str, start: int, written: str) -> bool:
    """`::` also parts names in programs."""
    return sum(map(str.isalnum, written)) < 4 and not _CUE.search(cues.before(text, start))


def _is_version(text: str, start: int, end: int) -> bool:
    return _announces_version(cues.before(text, start), end - start == len("1.2.3.4"))


@lru_cache(maxsize=64)
def _announces_version(lead: str, small: bool) -> bool:
    return not _CUE.search(lead) if small else _VERSION.search(lead) is not None
