"""Whether a body says only what its facts say, as far as characters can tell. Pure.

Exact about what does most harm when it is made up: numbers, amounts, addresses, links and
placeholders. A false sentence without any of them is not found here; the customer's own sentences
are, which is what a followed injection writes.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from services.generate.llm.brief import Brief, Fact, FailureReason

ECHO_WORDS = {"zh": 8, "en": 5}
"""So many of the customer's words (Chinese: characters) in a row, in no fact, are an echo. Naming
their matter takes fewer; being wrong costs a model's text for the composer's."""
ZH_SHARE = 0.3
"""Least share of Han among the letters of a Chinese text, and more than an English one has: product
names and menu items are Latin."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LIST_MARK = re.compile(r"^\s*\d{1,2}[.)、](?!\d)", re.MULTILINE)
_QUANTITY = re.compile(
    r"\b(?:hundred|thousand|million|billion|double|triple|half)\b"
    r"|[一二两三四五六七八九十]+[百千万亿]+|[一二两三四五六七八九]折|[一二两三四五六七八九]倍",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}"
    r"|(?:https?://|www\.)[!-~]+"
    r"|(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[!-~]*)?",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]*(?:_\d+)?\]")
_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")


def visible(text: str) -> str:
    """The text without control and invisible characters, which could hide a number in it."""
    kept = (
        character
        for character in text
        if character == "\n" or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs")
    )
    return "".join(kept).strip()


def problem(body: str, cited: Iterable[Fact], brief: Brief) -> FailureReason | None:
    """What is wrong with a body that relies on these facts, or None."""
    if not _in_language(body, brief.language):
        return FailureReason.WRONG_LANGUAGE
    if _claims(body) - _claims("\n".join(fact.text for fact in cited)):
        return FailureReason.UNFOUNDED
    if _echoes(body, brief):
        return FailureReason.ECHOES_CUSTOMER
    return None


def _in_language(body: str, language: str) -> bool:
    letters = sum(character.isalpha() for character in body)
    if not letters:
        return True
    is_zh = len(_HAN.findall(body)) / letters >= ZH_SHARE
    return is_zh == (language == "zh")


def _claims(text: str) -> set[str]:
    """What can be checked to the character: placeholders, addresses, numbers and quantities."""
    plain = unicodedata.normalize("NFKC", text)
    claims = set(_PLACEHOLDER.findall(plain))
    plain = _PLACEHOLDER.sub(" ", plain)
    claims |= {found.lower().rstrip(".,;:!?)") for found in _ADDRESS.findall(plain)}
    plain = _LIST_MARK.sub(" ", _ADDRESS.sub(" ", plain))
    claims |= {_number(found) for found in _NUMBER.findall(plain)}
    return claims | {found.lower() for found in _QUANTITY.findall(plain)}


def _number(written: str) -> str:
    """One form of a number: `1,234.50` and `1234.5` are the same, `05` and `5` too."""
    try:
        value = Decimal(re.sub(r",(?=\d{3}(?!\d))", "", written))
    except InvalidOperation:
        return written
    return format(value.normalize(), "f")


def _echoes(body: str, brief: Brief) -> bool:
    size = ECHO_WORDS[brief.language]
    shared = _runs(body, size) & _runs(brief.customer_text, size)
    for text in (brief.draft, *(fact.text for fact in brief.facts)):
        shared -= _runs(text, size)
    return bool(shared)


def _runs(text: str, size: int) -> set[tuple[str, ...]]:
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    return {tuple(tokens[start : start + size]) for start in range(len(tokens) - size + 1)}
