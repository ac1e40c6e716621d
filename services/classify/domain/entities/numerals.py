"""Numbers as people write them: digits, Chinese numerals, English words up to a hundred."""

import re
from decimal import Decimal

CHINESE = "[零〇一二两三四五六七八九十百千万半]{1,10}"
_DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six",
    "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80}
_ENGLISH = (
    {word: number for number, word in enumerate(_WORDS)} | _TENS | {"ninety": 90, "hundred": 100}
)
ENGLISH = "|".join(sorted([*_ENGLISH, "an?", "a couple of", "half an?"], key=len, reverse=True))
_ARTICLES = {"a": Decimal(1), "an": Decimal(1), "a couple of": Decimal(2)}


def number(written: str) -> Decimal | None:
    """The number that is written, or None for what is none."""
    plain = written.strip().lower().replace(",", "")
    if re.fullmatch(r"\d{1,15}(?:\.\d{1,6})?", plain):
        return Decimal(plain)
    if plain.startswith("half a"):
        return Decimal("0.5")
    if plain in _ARTICLES:
        return _ARTICLES[plain]
    if plain in _ENGLISH:
        return Decimal(_ENGLISH[plain])
    return _chinese(plain)


def _chinese(written: str) -> Decimal | None:
    if written == "半":
        return Decimal("0.5")
    total = section = digit = 0
    last = 1
    for character in written:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character == "万":
            total, section, digit, last = (total + section + digit) * 10_000, 0, 0, 10_000
        elif character in _UNITS:
            last = _UNITS[character]
            section, digit = section + (digit or 1) * last, 0
        else:
            return None
    # 一百二 is 120: the last digit counts in tenths of the unit before it.
    if digit and last > 10 and written[-2:-1] in _UNITS:
        digit *= last // 10
    return Decimal(total + section + digit) if written else None
