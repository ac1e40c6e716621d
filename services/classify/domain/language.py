"""The language of a message that did not pass through ingest: as told, else by its script.

Ingest's detector knows more languages. Here Chinese is told from all else, which counts as English;
the model reads a message without knowing its language.
"""

import re
from dataclasses import dataclass

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*")
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
"""Chinese characters, within the brackets of a pattern."""
_HAN = re.compile(f"[{HAN}]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
_OTHER = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Language:
    """ISO 639 code, and the share of the text's words that are in its script."""

    code: str
    confidence: float


def language_of(text: str, told: str | None = None) -> Language:
    """The language of a BCP 47 tag (`zh-Hans-CN` is `zh`), certain; without one by the script.

    A Chinese character counts as a word. Chinese wins ties, because product names are Latin in it.
    A text without Latin or Chinese words is English with confidence 0.
    """
    tag = _TAG.fullmatch((told or "").strip())
    if tag:
        return Language(tag[1].lower(), 1.0)
    han = len(_HAN.findall(text))
    rest = _HAN.sub(" ", text)
    latin = len(_LATIN.findall(rest))
    total = han + latin + len(_OTHER.findall(_LATIN.sub(" ", rest)))
    code, words = ("zh", han) if han and han >= latin else ("en", latin)
    return Language(code, round(words / total, 3) if total else 0.0)
