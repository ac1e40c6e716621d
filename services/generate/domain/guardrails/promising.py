"""Whether a text promises what is forbidden."""

import re
from collections.abc import Iterator

from services.generate.domain.guardrails.characters import FLAGS, plain
from services.generate.domain.guardrails.promises import DEEDS, PROMISES
from services.generate.domain.guardrails.sentences import Sentences, normal
from services.generate.domain.guardrails.violation import Code, Violation, at

_NEGATED = re.compile(
    r"(?:\bnot|n't|\bcannot|\bnever|\bno|\bwithout|\bunable to"
    r"|\bneither|不|无法|不能|没有?|未|非|并未)"
    r"[^.!?。！？,，;；\n]{0,12}\Z",
    FLAGS,
)
_CONDITION = re.compile(
    r"\b(?:if|when|once|whenever|unless|until|whether|as soon as"
    r"|after|before|in case|where|how|while|then)\b"
    r"[^.!?,;\n]{0,60}\Z|(?:如果|若是?|如(?![下上实期])|一旦"
    r"|假如|当(?![天日场前])|待(?!遇)|等到|是否|有没有|直到)[^。！？，；\n]{0,30}\Z",
    FLAGS,
)
_CONDITION_AFTER = re.compile(
    r"[^。！？，；\n]{0,4}(?:之?后|时|的话|前)|,? (?:once|after|if|when|as soon as|until|only)\b",
    FLAGS,
)
_QUESTION = re.compile(
    r"^\W*(?:shall|should|would|do|does|did|may|can|could|has|have|is|are|which|what|when|how)\b"
    r".*\?\s*$|(?:吗|是否|要不要|需不需要|能否|可否).*[？?]\s*$",
    FLAGS | re.DOTALL,
)
_AND_MORE = re.compile(
    r"\b(?:refunded|reimbursed|credited|transferred|paid|approved)\b|退款|退还|退回|转账|批准|赔",
    FLAGS,
)
"""Deeds that a sentence may add to one that was done."""
_REACH = 80
"""So far before a promise what turns its meaning round is looked for."""


def promises(
    text: str, sentences: Sentences, allowed: frozenset[str], done: tuple[str, ...]
) -> Iterator[Violation]:
    """The promises but those in sentences `allowed` (normal forms), and deeds really `done`."""
    shown = plain(text)
    licensed = tuple(deed for deed in DEEDS if any(deed.search(_words(name)) for name in done))
    for promise in PROMISES:
        for match in promise.pattern.finditer(shown):
            if promise.kind == "deed" and _is_done(shown, match, licensed):
                continue
            start, end = sentences.at(match.start() + len(match[0]) - len(match[0].lstrip(".!\n ")))
            if normal(shown[start:end]) in allowed or _is_none(shown, match, start, end):
                continue
            yield at(Code.FORBIDDEN_PROMISE, text, match.start(), match.end())


def _is_done(text: str, match: re.Match[str], licensed: tuple[re.Pattern[str], ...]) -> bool:
    """Whether an action has done all that is said to be done here."""
    told = match[0] + "".join(_AND_MORE.findall(text, match.end(), match.end() + _REACH))
    deeds = [deed for deed in DEEDS if deed.search(told)]
    return bool(deeds) and all(deed in licensed for deed in deeds)


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


def _is_none(text: str, match: re.Match[str], start: int, end: int) -> bool:
    before = text[max(start, match.start() - _REACH) : match.start()]
    if _NEGATED.search(before) or _CONDITION.search(before):
        return True
    if _CONDITION_AFTER.match(text, match.end()):
        return True
    return end - start <= 500 and _QUESTION.search(text[start:end]) is not None
