"""Our own texts pass for every entry of the project, and every changed fact is seen."""

import re
from collections.abc import Iterator

import pytest

from services.generate.domain import composer
from services.generate.domain.decision import Verdict
from services.generate.domain.entries import Entry
from services.generate.domain.guardrails import Grounds, Guard, violations
from services.generate.domain.phrases import NAME, sentences
from services.generate.knowledge.documents import SEED_DOCUMENTS, read_documents
from tests.unit.generate.kit import message

ENTRIES = read_documents(SEED_DOCUMENTS)
_DIGITS = re.compile(r"\d+")
UNITS = {
    "working days": "weeks", "working day": "month", "days": "months", "hours": "days",
    "hour": "week", "minutes": "hours", "seconds": "minutes", "months": "weeks", "yuan": "euros",
    "%": " yuan", "个工作日": "个月", "天": "周", "小时": "天", "分钟": "小时", "秒": "小时",
    "元": "美元",
}  # fmt: skip
DAYS = {
    "Monday": "Tuesday", "Friday": "Thursday", "Saturday": "Wednesday", "Sundays": "Tuesdays",
    "1st": "2nd", "3rd": "5th", "18th": "28th", "周一": "周二", "周五": "周四", "周六": "周三",
    "周日": "周四", "1 日": "2 日", "3 日": "5 日", "18 日": "28 日",
}  # fmt: skip
INVENTED = {
    "en": (
        " It costs 44 euros.", " It takes nineteen days.", " It is valid until 7 May 2031.",
        " See https://lumen.example.evil.com/x.", " Write to help@lumen-help.com.",
        " Call 555-0198.", " Ask for the Platinum Forever plan.",
    ),
    "zh": (
        "费用四十四欧元。", "需要十九天。", "有效期到 2031 年 5 月 7 日。",
        "详见 https://lumen.example.evil.com/x 。",
        "请写信到 help@lumen-help.com 。", "请拨打 555-0198。", "请选择“永恒白金套餐”。",
    ),
}  # fmt: skip


def grounds_of(entry: Entry) -> Grounds:
    return Grounds((entry.passage,), own=sentences(), placeholders=frozenset({NAME}))


STEPS = (1, 3, 8)
"""How far a digit is moved; with all of 1 to 9 nothing else comes out, and it takes long."""
SAID_OTHERWISE = {("outage-compensation", "1"), ("check-in", "1")}
"""Numbers that the entry has in words (one day's fee) or in another unit (60 minutes)."""
GUARDS = {entry.id: Guard(grounds_of(entry)) for entry in ENTRIES}


def letter(entry: Entry, **given: str) -> str:
    verdict = Verdict("answer", ("cited_answer",), 0.9, entry)
    asked = message("x", language=entry.language, **given)
    return composer.compose(asked, verdict, composer.Letter(by_name=True))


def is_seen(entry: Entry, text: str) -> bool:
    return bool(GUARDS[entry.id].violations(text, language=entry.language, longest=5000))


def changed_digits(entry: Entry) -> Iterator[tuple[str, bool]]:
    """The letter with one digit changed, and whether that number stands elsewhere in the entry."""
    text = letter(entry)
    begin = text.index(entry.text)
    numbers = set(_DIGITS.findall(entry.passage))
    for match in _DIGITS.finditer(text, begin, begin + len(entry.text)):
        for place in range(match.start(), match.end()):
            for step in STEPS:
                digit = str((int(text[place]) + step) % 10)
                changed = text[:place] + digit + text[place + 1 :]
                number = changed[match.start() : match.end()]
                otherwise = (entry.section, number) in SAID_OTHERWISE
                yield changed, otherwise or not numbers.isdisjoint({number, number.lstrip("0")})


def replaced(text: str, what: str, by: str) -> Iterator[str]:
    for match in re.finditer(re.escape(what), text):
        yield text[: match.start()] + by + text[match.end() :]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
@pytest.mark.parametrize("sentiment", ["neutral", "negative"])
def test_our_own_texts_pass(entry: Entry, sentiment: str) -> None:
    text = letter(entry, sentiment=sentiment)
    assert violations(text, grounds_of(entry), language=entry.language, longest=2000) == ()


def test_every_changed_digit_is_seen() -> None:
    made = [
        (entry, text) for entry in ENTRIES for text, known in changed_digits(entry) if not known
    ]
    assert len(made) > 1500
    missed = [text for entry, text in made if not is_seen(entry, text)]
    assert not missed, f"{len(missed)} of {len(made)} changed digits are not seen: {missed[:3]}"


def test_a_number_exchanged_for_another_of_the_entry_is_seen_when_its_unit_differs() -> None:
    made = [(entry, text) for entry in ENTRIES for text, known in changed_digits(entry) if known]
    seen = sum(is_seen(entry, text) for entry, text in made)
    # A number with the same unit that stands in the entry, too, cannot be told from the right one.
    assert seen / len(made) >= 0.6, f"{seen} of {len(made)} exchanges are seen"


@pytest.mark.parametrize("table", [UNITS, DAYS], ids=["units and amounts", "days"])
def test_every_changed_unit_amount_and_day_is_seen(table: dict[str, str]) -> None:
    made, missed = 0, []
    for entry in ENTRIES:
        body = letter(entry)
        for what, by in table.items():
            pattern = what if not what.isascii() or what == "%" else rf"\b{re.escape(what)}\b"
            if table is UNITS:
                pattern = rf"(?<=\d) ?{pattern}"
            for match in re.finditer(pattern, body):
                made += 1
                text = body[: match.start()] + f" {by}".replace("  ", " ") + body[match.end() :]
                if not is_seen(entry, text):
                    missed.append((entry.id, match[0], by))
    assert made > 15
    assert not missed, f"{len(missed)} of {made} are not seen: {missed}"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_invented_fact_is_seen(language: str) -> None:
    missed = [
        (entry.id, sentence)
        for entry in ENTRIES
        for sentence in INVENTED[language]
        if entry.language == language
        and not is_seen(entry, letter(entry).replace(entry.text, entry.text + sentence))
    ]
    assert not missed


def test_every_changed_link_is_seen() -> None:
    link = re.compile(r"[\w.]+@[\w.]+\w|555-\d{4}|\*123#|\b100\d\d\b")
    made, missed = 0, []
    for entry in ENTRIES:
        body = letter(entry)
        for match in link.finditer(body):
            for by in (
                match[0] + "8",
                match[0].replace("5", "6", 1),
                "https://x.example",
                "@lumen",
            ):
                if by == match[0] or (not match[0][0].isalnum() and by == match[0] + "8"):
                    continue
                made += 1
                text = body[: match.start()] + by + body[match.end() :]
                if not is_seen(entry, text):
                    missed.append((entry.id, match[0], by))
    assert made > 30
    assert not missed, f"{len(missed)} of {made} changed links are not seen: {missed}"


def test_nearly_every_changed_name_is_seen() -> None:
    """Names inside of sentences: labels, products, the company."""
    english = re.compile(r"(?<=[a-z,>] )(?!I\b|AI\b|ID\b|PDF\b|QR\b|OK\b)[A-Z][A-Za-z-]+")
    chinese = re.compile(r"(?<=[“>] )?(?<=[“ ])[\u4e00-\u9fff]{2,8}(?=”| >)")
    made, missed = 0, []
    for entry in ENTRIES:
        body = letter(entry)
        begin = body.index(entry.text)
        pattern = english if entry.language == "en" else chinese
        for match in pattern.finditer(body, begin, begin + len(entry.text)):
            made += 1
            by = "Zorbex" if entry.language == "en" else "全部作废"
            text = body[: match.start()] + by + body[match.end() :]
            if not is_seen(entry, text):
                missed.append((entry.id, match[0]))
    assert made > 200
    share = 1 - len(missed) / made
    assert share >= 0.98, f"{share:.1%} of {made} changed names are seen; not: {missed}"
