"""Number words that state nothing: `one of us`, 一下, the numbers of a list."""

import re

from services.generate.domain.guardrails import units
from services.generate.domain.guardrails.characters import FLAGS
from services.generate.domain.guardrails.fact import Fact
from services.generate.domain.guardrails.numerals import FEW

_COUNTED_ONES = units.TIME | units.MONEY | {units.PERCENT, "fold", "GB", "MB", "TB"}
"""One of these is a fact; `one colleague`, 一次 and 一位同事 are not."""
_LINE_NUMBER = re.compile(r"(?:\A|\n) *\(?\Z")
_AFTER_LINE_NUMBER = re.compile(r"[.)、：:](?!\d)")
_STEP = re.compile(r"(?:\bsteps? |步骤 ?|第 ?)\Z", FLAGS)
_OWN_PARTS = re.compile(
    r"(?: (?:possible |simple |short |easy )?(?:ways|options|steps|things|possibilities|points"
    r"|questions|parts|cases)\b| ?(?:种(?:方式|方法|情况|办法|途径)|个(?:步骤|办法|方法|问题|方面)"
    r"|点(?:说明|提示|建议|注意)|步(?!骤?验证)))",
    FLAGS,
)
_MOST_OWN_PARTS, _MOST_STEPS = 5, 20
_MUCH = re.compile(r"(?:感谢|抱歉|理解|重视|遗憾|乐意|荣幸|高兴|关心|愿意|重要|方便|简单)")
_ORDINAL = re.compile(r"第\Z")


def is_no_statement(text: str, fact: Fact) -> bool:
    """Whether the number is a way of speaking, or counts the parts of the text itself."""
    before = text[max(0, fact.start - 8) : fact.start]
    return _is_idiom(text, fact, before) or _is_of_the_text(text, fact, before)


def _is_idiom(text: str, fact: Fact, before: str) -> bool:
    written = text[fact.start : fact.end]
    if written[:1].isdecimal():
        return False
    if fact.value in (1, FEW) and fact.unit not in _COUNTED_ONES:
        return True
    # 十分感谢 thanks very much.
    thanks = written.startswith("十分") and _MUCH.match(text, fact.end) is not None
    return thanks or _ORDINAL.search(before) is not None


def _is_of_the_text(text: str, fact: Fact, before: str) -> bool:
    if fact.unit or isinstance(fact.value, str) or fact.value > _MOST_STEPS:
        return False
    if _LINE_NUMBER.search(before) and _AFTER_LINE_NUMBER.match(text, fact.end):
        return True
    if _STEP.search(before):
        return True
    return fact.value <= _MOST_OWN_PARTS and _OWN_PARTS.match(text, fact.end) is not None
