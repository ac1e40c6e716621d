"""Bank card numbers."""

import re

from services.ingest.domain.numbers import Window
from services.ingest.domain.pii import cues

_CUE = re.compile(
    r"\b(?:cards?|cc|visa|mastercard|amex|debit|credit)\b|卡|账号|帐号", re.IGNORECASE
)
# Issuer prefixes with their lengths (ISO/IEC 7812 ranges as the schemes publish them).
_ISSUED = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}|62\d{14,17}|(?:6011|65\d{2}|64[4-9]\d)\d{12,15}|35(?:2[89]|[3-8]\d)\d{12,15}"
    r"|3(?:0[0-5]|095|6\d|[89]\d)\d{11}|955\d{13,16}"
)
_SHAPES = frozenset({(4, 4, 4, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3)}) | frozenset(
    {(4, 6, 5), (4, 6, 4), (6, 13), (8, 8), (4, 4, 4), (4, 4, 4, 1), (6, 4, 4, 4, 1)}
)


def card(window: Window) -> str | None:
    """The digits of a card number, or None.

    12 to 19 digits with a valid check digit (Luhn), in one piece or in the groups cards show. One
    number in ten passes by chance, so it must begin as an issuer's numbers do, or the text must
    speak of a card; after a word for an order it is none.
    """
    digits = window.digits
    if len(digits) < 12 or window.plus or not _shaped(window.lengths) or not luhn(digits):
        return None
    cue = cues.last_end(_CUE, window.before)
    if cues.order_cue(window.before) > cue:
        return None
    return digits if is_issued(digits) or cue >= 0 else None


def is_issued(digits: str) -> bool:
    """Whether a number begins as an issuer's do and has their length."""
    return len(digits) >= 13 and _ISSUED.fullmatch(digits) is not None


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and digits.strip("0") != ""


def _shaped(lengths: tuple[int, ...]) -> bool:
    return len(lengths) == 1 or lengths in _SHAPES
