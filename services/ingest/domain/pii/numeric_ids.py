"""Identity numbers that are digits: resident ids of China, India and the United States."""

import re
from datetime import date

from stdnum.in_ import aadhaar
from stdnum.iso7064 import mod_11_2
from stdnum.us import ssn

from services.ingest.domain.cards import is_issued, luhn
from services.ingest.domain.numbers import Window
from services.ingest.domain.pii import cues
from services.ingest.domain.pii.words import words

_CUE = re.compile(
    r"身份|身分|证件|證件|\b(?:resident|identity|identification|national id|id card|id (?:no"
    r"|number)"
    r"|aadhaa?r|uidai|ssn|social security)\b",
    re.IGNORECASE,
)
_CARD_CUE = re.compile(
    r"卡号|银行卡|信用卡|\b(?:cards?|visa|mastercard|debit|credit)\b", re.IGNORECASE
)
_SSN_CUE = re.compile(r"\b(?:ssn|social security|social(?: is|:)|itin|tax id)\b", re.IGNORECASE)
_AADHAAR_CUE = re.compile(r"\b(?:aadhaa?r|uidai|uid)\b", re.IGNORECASE)
_PROVINCES = words(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"
    " 71 81 82 83 91"
)
_SSN_GROUPS = (3, 2, 4)
_AADHAAR_GROUPS = (4, 4, 4)


def number(window: Window) -> tuple[str, int] | None:
    """The identity number and where it ends, or None.

    Its check digits, birth date and region must be right, and after a word for an order it is
    none. Forms that other numbers share need a word that announces them.
    """
    if window.plus:
        return None
    digits, size = window.digits, len(window.digits)
    if size not in (9, 12, 15, 17, 18):
        return None
    announced = cues.last_end(_CUE, window.before)
    if cues.order_cue(window.before) > announced:
        return None
    if size == 17 and window.after[:1] in ("X", "x"):
        return (f"{digits}X", window.end + 1) if _chinese(f"{digits}X") else None
    said = announced >= 0
    is_id = (
        (size == 18 and _chinese(digits) and (said or not _is_card(window)))
        or (size == 15 and (said or not (luhn(digits) and is_issued(digits))) and _old(digits))
        or (size == 12 and _indian(window))
        or (size == 9 and _american(window))
    )
    return (digits, window.end) if is_id else None


def _chinese(digits: str) -> bool:
    """GB 11643-1999: region, birth date, sequence, check digit (ISO 7064 MOD 11-2)."""
    return _born(digits[:2], digits[6:14]) and mod_11_2.is_valid(digits)


def _old(digits: str) -> bool:
    """The form before 1999: 15 digits, a year of two, no check digit."""
    return _born(digits[:2], f"19{digits[6:12]}")


def _born(region: str, day: str) -> bool:
    """Whether there is such a province (GB/T 2260) and such a day since 1900.

    Counties are not looked up: their codes changed over the years, and ids keep the old ones.
    """
    try:
        return region in _PROVINCES and date(int(day[:4]), int(day[4:6]), int(day[6:])).year >= 1900
    except ValueError:
        return False


def _indian(window: Window) -> bool:
    """12 digits with Verhoeff's check digit; one number in ten passes by chance."""
    if not aadhaar.is_valid(window.digits):
        return False
    if cues.last_end(_AADHAAR_CUE, window.before) >= 0:
        return True
    grouped = window.lengths == _AADHAAR_GROUPS and window.alone
    return grouped and cues.last_end(_CARD_CUE, window.before) < 0


def _american(window: Window) -> bool:
    if window.lengths not in (_SSN_GROUPS, (9,)):
        return False
    if cues.last_end(_SSN_CUE, window.before) >= 0:
        return True
    hyphened = window.lengths == _SSN_GROUPS and window.written.count("-") == 2
    return hyphened and window.alone and ssn.is_valid(window.digits)


def _is_card(window: Window) -> bool:
    return luhn(window.digits) and cues.last_end(_CARD_CUE, window.before) >= 0
