"""How far an address goes on from a place in it: capitalised words, numbers, commas, short"
" lines."""

import re

from services.ingest.domain.pii.address_words import NEVER, PARTICLES
from services.ingest.domain.pii.kinds import BLANK

MOST_WORDS = 14
_REACH = 200
_TOKEN = re.compile(r"([ \t,]{0,6}(?:[ ,]?\n[ \t>,]{0,8}){0,2})([^\s,]{1,40})")
_LEFT = re.compile(r"[^\s,]{1,40}[ \t,]{0,3}\Z")
_POSTCODE = re.compile(r"[0-9]{4,6}(?:-[0-9]{3,4})?[.?!]?\Z")
_SHORT = 5


def right(text: str, start: int, most: int = MOST_WORDS) -> int:
    """Where the address that is under way at `start` ends."""
    piece = text[start : start + _REACH]
    position, words, particle = 0, 0, False
    end = 0
    while words < most and (match := _TOKEN.match(piece, position)):
        gap, word = match[1], match[2]
        if not _fits(word) or ("\n" in gap and not _fits_line(piece, match.start(2))):
            break
        position = match.end()
        words += 1
        particle = word.lower() in PARTICLES and not word[0].isupper()
        if particle:
            continue
        end = match.end()
        if word[-1] in "?!;" or (word[-1] == "." and len(word) > 5) or _ends(word, piece, end):
            break
    written = piece[:end].rstrip(" ,.?!;:)\n\t")
    return start + len(written)


def left(text: str, end: int, most: int = 6) -> int:
    """Where the address that goes on at `end` begins on the same line: at a number, if at all."""
    line = text[max(0, end - _REACH) : end]
    line = line[line.rfind("\n") + 1 :]
    start = len(line)
    best = start
    for _ in range(most):
        match = _LEFT.search(line, max(0, start - 50), start)
        if match is None:
            break
        word = match[0].rstrip(" \t,")
        if not _fits(word) or word[-1] in ":?!;" or (word[-1] == "." and len(word) > 5):
            break
        start = match.start()
        if word[0].isdigit():
            best = start
    return end - (len(line) - best)


def _fits(word: str) -> bool:
    plain = word.strip("().;:?!\"'").lower()
    if not plain or BLANK in word or plain in NEVER or ":" in word:
        return False
    return word[0].isupper() or word[0].isdigit() or word[0] in "#(" or plain in PARTICLES


def _fits_line(piece: str, start: int) -> bool:
    """Whether a whole further line looks like a piece of an address."""
    end = piece.find("\n", start)
    line = piece[start : end if end >= 0 else len(piece)].strip(" .?!>,")
    words = line.split()
    if 0 < len(words) <= _SHORT:
        return all(map(_fits, words))
    return False


def _ends(word: str, piece: str, end: int) -> bool:
    """A postcode ends an address, unless a country or a line follows in capitals."""
    return _POSTCODE.fullmatch(word) is not None and piece[end : end + 1] not in (",", "\n", " ")
