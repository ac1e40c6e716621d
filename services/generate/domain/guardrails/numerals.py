"""Numbers as people write them: digits, Chinese numerals, English words."""

import re
from decimal import Decimal

FEW = "few"
"""The value of `a few`, `several`, 几, 两三: more than one and not many."""
Value = Decimal | str

LONGEST_NUMBER = 30
"""Digits of a number that is counted with; what is longer is an identifier."""

_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ENGLISH = (
    {word: number for number, word in enumerate(["zero", *_ONES, *_TEENS])}
    | {word: 10 * number for number, word in enumerate(_TENS, start=2)}
    | {"a": 1, "an": 1}
)
_ENGLISH_SCALES = {"thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_HALF = Decimal("0.5")
_SAID = {
    "a dozen": Decimal(12),
    "dozen": Decimal(12),
    "half": _HALF,
    "half a": _HALF,
    "half an": _HALF,
}
_FEW = ("a couple of", "a few", "several", "within", "in")

_SMALL = f"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS + _ONES)}|zero)"
_HUNDREDS = f"(?:(?:{_SMALL}|an?) hundred(?:(?: and)? {_SMALL})?)"
ENGLISH = (
    f"(?:(?:{_HUNDREDS}|{_SMALL}|an?) (?:thousand|million|billion)"
    f"(?:(?: and)? (?:{_HUNDREDS}|{_SMALL}))?"
    f"|{_HUNDREDS}|{_SMALL}|(?:a )?dozen|half(?: an?)?|a couple of|a few|several)"
)
"""A pattern of number words, to be read in lower case."""

_CHINESE_DIGITS = (
    {character: number for number, character in enumerate("零一二三四五六七八九")}
    | {character: number for number, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
    | {"〇": 0, "两": 2, "俩": 2, "貳": 2, "參": 3, "陸": 6}
)
_CHINESE_UNITS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_CHINESE_SCALES = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_VAGUE = "几数好"
CHINESE = f"[{''.join((*_CHINESE_DIGITS, *_CHINESE_UNITS, *_CHINESE_SCALES))}几数半]{{1,12}}"
"""A pattern of Chinese numerals, vague ones too."""
SCALES: dict[str, int] = {
    "百": 100,
    "千": 1000,
    **_CHINESE_SCALES,
    "k": 1000,
    "hundred": 100,
    **_ENGLISH_SCALES,
}
"""What may follow digits and multiplies them."""


def digits(written: str, scale: str = "") -> Decimal | None:
    """The number of ASCII or other decimal digits, thousands parted by commas; None if too long."""
    if len(written) > LONGEST_NUMBER:
        return None
    return Decimal(written.replace(",", "")) * SCALES.get(scale.lower(), 1)


def english(written: str) -> Value:
    """The number that these words, matched by ENGLISH, say."""
    words = written.lower()
    if words in _FEW:
        return FEW
    if words in _SAID:
        return _SAID[words]
    total = section = 0
    for word in re.split("[ -]", words):
        if word == "hundred":
            section = max(section, 1) * 100
        elif word in _ENGLISH_SCALES:
            total, section = total + max(section, 1) * _ENGLISH_SCALES[word], 0
        elif word in _ENGLISH:
            section += _ENGLISH[word]
    return Decimal(total + section)


def chinese(written: str) -> Value | None:
    """The number that these numerals say; None where they say none."""
    if written == "半":
        return _HALF
    if any(character in _VAGUE for character in written):
        return FEW if len(written) <= 2 else None
    body = written.removesuffix("半")
    if all(character in _CHINESE_DIGITS for character in body):
        return _in_a_row(body)
    total = section = digit = 0
    last = 1
    for character in body:
        if character in _CHINESE_DIGITS:
            digit = _CHINESE_DIGITS[character]
        elif character in _CHINESE_SCALES:
            last = _CHINESE_SCALES[character]
            total, section, digit = (total + section + digit) * last, 0, 0
        else:
            last = _CHINESE_UNITS[character]
            section, digit = section + (digit or 1) * last, 0
    # 一百二 is 120: the last digit counts in tenths of the unit before it.
    if digit and last > 10 and body[-2:-1] not in _CHINESE_DIGITS:
        digit *= last // 10
    return Decimal(total + section + digit)


def _in_a_row(body: str) -> Value | None:
    """二〇二六 is 2026, 七八 is seven or eight, 三 is 3."""
    values = [_CHINESE_DIGITS[character] for character in body]
    if len(values) == 2 and 0 not in values:
        return FEW
    return Decimal("".join(map(str, values))) if values else None
