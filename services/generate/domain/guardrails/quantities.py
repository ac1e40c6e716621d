"""Numbers with what they count: durations, amounts, shares, sizes. What costs nothing costs 0."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from services.generate.domain.guardrails import numerals, units
from services.generate.domain.guardrails.characters import FLAGS
from services.generate.domain.guardrails.fact import Fact, Kind, Shadow
from services.generate.domain.guardrails.harmless import is_no_statement

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d++)(?:\.\d++)?"
_SCALE = r"(?: ?(?:hundred|thousand|million|billion)\b| ?[百千万萬亿億]|k(?![A-Za-z]))?"
_LEADS = ("within", "in", "after", "for", "take", "takes", "about", "than", "lasts", "least")
_ARTICLE = "(?:" + "|".join(rf"(?<=\b{lead} )" for lead in _LEADS) + rf")an?(?={units.AFTER})"
_UNTOLD = r"(?<=\bwithin )(?=(?:seconds|minutes|hours|days|weeks|months)\b)"
_NUMBER = re.compile(
    rf"(?:(?P<sign>{units.BEFORE}) ?)?(?:(?P<share>百分之)?(?:"
    rf"(?<![A-Za-z0-9_])(?P<digits>{_DIGITS})(?P<scale>{_SCALE})|(?P<chinese>{numerals.CHINESE}))"
    rf"|(?<![A-Za-z])(?P<english>{numerals.ENGLISH}|{_ARTICLE}|once|twice|thrice|double|triple)\b"
    rf"|(?P<untold>{_UNTOLD}))",
    FLAGS,
)
_SAID = {"once": (1, units.TIMES), "twice": (2, units.TIMES), "thrice": (3, units.TIMES)} | {
    "double": (2, "fold"),
    "triple": (3, "fold"),
}
_LETTERS = re.compile(r"[A-Za-z0-9_]+")
_THING = re.compile(r"[ -]?[A-Za-z\u00c0-\u024f\u3400-\u9fff]")
_TO = r" ?(?:-|~|至|到|\bto\b|\bthrough\b) ?"
_AND = r" ?(?:,|、|和|或|/|\b(?:and|or|by)\b|[x×]) ?(?:(?:or|and|或) ?)?"
_RANGE, _LIST = re.compile(_TO), re.compile(f"{_TO}|{_AND}")
FREE = "nothing"
"""The unit of the amount 0."""
_FREE = re.compile(
    r"\b(?:free of charge|for free|complimentary|on the house|without charge"
    r"|(?:at )?(?:no|without|zero) (?:extra |additional |any |further )?(?:fee|charge|cost)s?"
    r"|(?<!feel )(?<!toll-)free(?! to| up| time|dom|-?phone))\b"
    r"|免费|免单|免收|免[\u4e00-\u9fff]{1,4}费|不(?:另|再)?"
    r"(?:会)?(?:收取?|产生)(?:任何)?费用?|包邮|零费用"
    r"|白送|赠送",
    FLAGS,
)


_RATE = re.compile(
    r"(?:\b(?:per|each|every|(?<!half )an?)|每一?个?) ?(?P<unit>working day"
    r"|day|week|month|year|hour|minute|工作日|天|日|周"
    r"|星期|月|年|小时|分钟)(?![\w])|\b(?P<often>daily|weekly"
    r"|monthly|yearly|annual(?:ly)?|hourly)\b"
    r"|每(?P<each>天|日|周|星期|月|年|小时)",
    FLAGS,
)
_OFTEN = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "yearly": "year",
    "hourly": "hour",
} | {
    "annual": "year",
    "annually": "year",
    "天": "day",
    "日": "day",
    "周": "week",
    "星期": "week",
    "月": "month",
    "年": "year",
    "小时": "hour",
    "分钟": "minute",
    "工作日": units.WORKING_DAY,
}


def find(shadow: Shadow) -> Iterator[Fact]:
    """The quantities and amounts that the text names, in no order."""
    text = shadow.text
    for match in _FREE.finditer(text):
        yield Fact(Kind.AMOUNT, Decimal(0), match.start(), match.end(), FREE)
    for match in _RATE.finditer(text):
        # `25 yuan a day` grounds `25 yuan for one day`; by itself it is no number.
        unit = (match["unit"] or match["often"] or match["each"]).lower()
        one = Decimal(1)
        start, end = match.span()
        yield Fact(Kind.QUANTITY, one, start, end, _OFTEN.get(unit, unit), is_harmless=True)
    found = [fact for match in _NUMBER.finditer(text) if (fact := _read(text, match)) is not None]
    for fact in _shared(text, found):
        harmless = is_no_statement(text, fact)
        yield replace(fact, is_harmless=harmless) if harmless else fact


def _read(text: str, match: re.Match[str]) -> Fact | None:
    start, end = match.span()
    if (word := (match["english"] or "").lower()) in _SAID:
        count, unit = _SAID[word]
        return Fact(Kind.QUANTITY, Decimal(count), start, end, unit)
    value = _value(match)
    unit, end = units.after(text, end)
    if match["sign"]:
        unit = units.currency(match["sign"])
    elif match["share"]:
        unit = units.PERCENT
    glued = _LETTERS.match(text, end) if match["digits"] and not unit else None
    if value is None or glued is not None:
        end = glued.end() if glued else end
        return Fact(Kind.CODE, text[start:end].lower(), start, end) if match["digits"] else None
    if match["chinese"] and not unit:
        counted = units.CLASSIFIER.match(text, end)
        if counted is None and (len(match["chinese"]) == 1 or match["chinese"][0] in "百千万亿"):
            return None
    if match["untold"] is not None and not unit:
        return None
    kind = Kind.AMOUNT if unit in units.MONEY else Kind.QUANTITY
    is_bare = not unit and _THING.match(text, end) is None
    return Fact(kind, value, start, end, unit, is_bare)


def _value(match: re.Match[str]) -> numerals.Value | None:
    if match["digits"]:
        return numerals.digits(match["digits"], match["scale"].strip())
    if match["chinese"]:
        return numerals.chinese(match["chinese"])
    return numerals.english(match["english"]) if match["english"] else numerals.FEW


def _shared(text: str, found: list[Fact]) -> list[Fact]:
    """In `2 to 4 days`, `30, 50 or 100 yuan` and `$5-10` every number has the unit of the one that
    names it."""
    facts = list(found)
    for place in range(len(facts) - 2, -1, -1):
        fact, after = facts[place], facts[place + 1]
        if _lacks_unit(fact) and after.unit and _joined(_LIST, text, fact, after):
            facts[place] = replace(fact, kind=after.kind, unit=after.unit, is_bare=False)
    for place in range(1, len(facts)):
        before, fact = facts[place - 1], facts[place]
        if _lacks_unit(fact) and before.kind is Kind.AMOUNT and _joined(_RANGE, text, before, fact):
            facts[place] = replace(fact, kind=before.kind, unit=before.unit, is_bare=False)
    return facts


def _lacks_unit(fact: Fact) -> bool:
    return fact.kind is Kind.QUANTITY and not fact.unit


def _joined(pattern: re.Pattern[str], text: str, first: Fact, second: Fact) -> bool:
    return pattern.fullmatch(text, first.end, second.start) is not None
