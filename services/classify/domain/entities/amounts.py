"""Amounts of money with their currency."""

import re
from collections.abc import Iterator
from decimal import Decimal

from services.classify.domain.entities import numerals
from services.classify.domain.entities.entity import Entity, Free

_SIGNS = {
    "hk$": "HKD", "us$": "USD", "nt$": "TWD", "a$": "AUD", "c$": "CAD", "s$": "SGD",
    "$": "USD", "¥": "CNY", "￥": "CNY", "£": "GBP", "€": "EUR", "₹": "INR",
}  # fmt: skip
"""A bare $ is taken for US dollars and a bare ¥ for yuan."""
_WORDS = {
    "元": "CNY", "块钱": "CNY", "块": "CNY", "人民币": "CNY", "rmb": "CNY", "cny": "CNY",
    "yuan": "CNY", "港币": "HKD", "港元": "HKD", "hkd": "HKD", "美元": "USD", "美金": "USD",
    "dollars": "USD", "dollar": "USD", "bucks": "USD", "usd": "USD", "欧元": "EUR",
    "euros": "EUR", "euro": "EUR", "eur": "EUR", "英镑": "GBP", "pounds": "GBP", "pound": "GBP",
    "quid": "GBP", "gbp": "GBP", "rupees": "INR", "inr": "INR", "日元": "JPY", "台币": "TWD",
}  # fmt: skip
_SCALES = {"万": 10_000, "千": 1000, "k": 1000, "百": 100}
_DIGITS = r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,2})?|\d{1,12}(?:\.\d{1,4})?"
_SIGN = "|".join(map(re.escape, sorted(_SIGNS, key=len, reverse=True)))
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_SIGN_FIRST = re.compile(
    rf"(?P<unit>{_SIGN}|\b(?:rmb|usd|hkd|eur|gbp|cny|inr)\b)\s?(?P<number>{_DIGITS})"
    r"\s?(?P<scale>[万千k](?![a-z]))?(?![\d])",
    re.IGNORECASE,
)
_WORD_LAST = re.compile(
    rf"(?<![\d.])(?P<number>{_DIGITS}|{numerals.CHINESE}|\b(?:{numerals.ENGLISH}))"
    rf"\s?(?P<scale>[万千k])?\s?多?(?P<unit>{_WORD})(?![a-z])",
    re.IGNORECASE,
)


def find_amounts(text: str) -> Iterator[Entity]:
    """Amounts; the value is a plain decimal number, the unit an ISO 4217 code."""
    free = Free(len(text))
    for pattern in (_SIGN_FIRST, _WORD_LAST):
        for match in pattern.finditer(text):
            amount = numerals.number(match["number"])
            if amount is None:
                continue
            amount *= _SCALES.get((match["scale"] or "").lower(), 1)
            unit = match["unit"].lower()
            code = _SIGNS.get(unit) or _WORDS[unit]
            entity = Entity("amount", match[0], _plain(amount), match.start(), match.end(), code)
            if free.take(entity):
                yield entity


def _plain(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
