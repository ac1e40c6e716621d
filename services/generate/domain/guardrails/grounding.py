"""Which facts stand where, and whether that is good enough for where they are said."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property, lru_cache

from services.generate.domain.guardrails import units
from services.generate.domain.guardrails.characters import FLAGS
from services.generate.domain.guardrails.fact import Fact, Kind
from services.generate.domain.guardrails.grounds import Grounds
from services.generate.domain.guardrails.numerals import FEW
from services.generate.domain.guardrails.reading import facts
from services.generate.domain.guardrails.sentences import Sentences
from services.generate.domain.guardrails.violation import Code, Violation, at

CODES = {
    Kind.QUANTITY: Code.UNGROUNDED_NUMBER,
    Kind.CODE: Code.UNGROUNDED_NUMBER,
    Kind.AMOUNT: Code.UNGROUNDED_AMOUNT,
    Kind.DATE: Code.UNGROUNDED_DATE,
    Kind.TIME: Code.UNGROUNDED_DATE,
    Kind.LINK: Code.UNGROUNDED_LINK,
    Kind.HANDLE: Code.UNGROUNDED_LINK,
    Kind.PHONE: Code.UNGROUNDED_LINK,
    Kind.EMAIL: Code.PERSONAL_DATA,
}
MOST_READ = 100_000
"""Characters of a kind of source that are read; what stands behind grounds nothing."""
MOST_REMEMBERED = 4096
"""Sources whose facts are kept in memory, the ones used last."""
_FROM_US_ONLY = frozenset({Kind.LINK, Kind.HANDLE, Kind.EMAIL})
"""Never taken from a customer: who follows them is in somebody else's hands."""
_ONLY_AS_REPORTED = frozenset({units.PERCENT, "fold", units.TENTHS}) | units.TIME
"""Quantities that are terms of business: from the customer they are a wish, or what happened."""
COMMITS = re.compile(
    r"(?:\b(?:will|shall|going to)\b|'ll\b)[^.!?\n]{0,60}\b"
    r"(?:arriv|receiv|get\b|deliver|refund|reimburs"
    r"|pa(?:y|id)|credit|ship|send|sent|approv|complet|resolv"
    r"|fix|transfer|issu|compensat|replac|be (?:yours|done))"
    r"|\b(?:approved|granted|guarantee\w*|promise[sd]?|refunded"
    r"|credited|compensat\w+|issued|waived)\b"
    r"|(?:将|会(?!员|议|话|计))[^。！？\n]{0,20}(?:到账|送达"
    r"|送到|收到|退|赔|补|返|完成|解决|批准|寄出|发货|转账|转到|付"
    r"|给您)"
    r"|保证|承诺|批准|同意|已为您|退给|赔偿给",
    FLAGS,
)
_REPORTS = re.compile(
    r"\byou(?:'ve|'d|'re| have| had| were| are| also)?"
    r"(?: (?!can\b|may\b|will\b|must\b|should\b|shall\b|could\b|get\b)\w+){0,2}?"
    r" (?:wrote|written|writing|said|say|mention(?:ed)?|ask(?:ed)?|asking|report(?:ed)?|describ\w+"
    r"|request(?:ed)?|want(?:ed)?|would like|wish(?:ed)?|wait"
    r"(?:ed|ing)|paid|bought|ordered|sent|returned"
    r"|received|charged|topped|tried|saw|told|plan(?:ned)?|measur\w+|experienc\w+|expected)\b"
    r"|\byour (?:message|request|question|wish|payment|report|top-up|description)\b"
    r"|\b(?:days?|weeks?|hours?|months?) of waiting\b"
    r"|[您你][^。！？\n可能将会请]{0,14}(?:提到|说|写|希望|想"
    r"|要求|反映|来信|咨询|询问|申请|表示|等|支付|付"
    r"|买|下单|订|寄|收到|充值|转了|测|描述|留言)|(?:来信|留言|消息)[中里]",
    FLAGS,
)
_REACHES = re.compile(
    r"\b(?:call|phone|tel|dial|ring|hotline|number to|fax|text)\b|电话|热线|致电|拨|联系|来电",
    FLAGS,
)
_MOBILE = re.compile(r"(?:86)?1[3-9]\d{9}|\+\d{8,15}")
_LONG = re.compile(r"\d{15,}[\dx]?")
_Form = tuple[Kind, str | Decimal, str]


class Grounding:
    """The facts of the grounds, those of ours apart from those that only the customer says."""

    def __init__(self, grounds: Grounds) -> None:
        self._grounds = grounds
        self._firm = frozenset[_Form]().union(*map(_forms_of, grounds.firm))
        # The field of a result is named apart from its value: `working_days`, `3`.
        self._values = frozenset(
            fact.value
            for text in grounds.results
            for fact in facts(text[:MOST_READ])
            if fact.kind is Kind.QUANTITY and not fact.unit
        )

    @cached_property
    def _told(self) -> frozenset[_Form]:
        return _forms(facts(_together(self._grounds.ticket)))

    def violations(self, text: str, sentences: Sentences) -> Iterator[Violation]:
        """The facts of the text that stand nowhere, or only where they must not come from."""
        for fact in facts(text):
            if fact.is_harmless or self._is_ours(fact):
                continue
            if not self._is_told(fact, sentences):
                yield at(_code(fact), text, fact.start, fact.end)

    def _is_ours(self, fact: Fact) -> bool:
        if fact.kind in (Kind.QUANTITY, Kind.AMOUNT) and fact.value in self._values:
            return True
        return _is_in(fact, self._firm)

    def _is_told(self, fact: Fact, sentences: Sentences) -> bool:
        """Whether the customer said it, and the text says no more than that."""
        if fact.kind in _FROM_US_ONLY or not _is_in(fact, self._told):
            return False
        if fact.unit == "nothing":
            return False
        sentence = sentences.text_at(fact.start)
        if fact.kind in (Kind.CODE, Kind.PHONE):
            return _REACHES.search(sentence) is None
        if COMMITS.search(sentence):
            return False
        if fact.kind is Kind.AMOUNT or fact.unit in _ONLY_AS_REPORTED:
            return _REPORTS.search(sentence) is not None
        return True


@lru_cache(maxsize=MOST_REMEMBERED)
def _forms_of(source: str) -> frozenset[_Form]:
    """Of one of our sources: the same ones ground many replies."""
    return _forms(facts(source[:MOST_READ]))


def _together(texts: Iterable[str]) -> str:
    """The texts as one, apart by what no fact goes across."""
    return "\n\n".join(texts)[:MOST_READ]


def _forms(found: Iterable[Fact]) -> frozenset[_Form]:
    forms: set[_Form] = set()
    for fact in found:
        forms |= {(fact.kind, fact.value, fact.unit), _form(fact)}
        if fact.kind is Kind.DATE:
            forms |= {(Kind.DATE, way, "") for way in _shorter(str(fact.value))}
        if fact.kind in (Kind.CODE, Kind.PHONE):
            # An order's number may look like a telephone number to one and not to the other.
            forms |= {(Kind.CODE, fact.value, ""), (Kind.PHONE, fact.value, "")}
    return frozenset(forms)


def _form(fact: Fact) -> _Form:
    """The fact in the smallest of the units that go into each other."""
    times, unit = units.BASE.get(fact.unit, (1, fact.unit))
    value = fact.value if isinstance(fact.value, str) else fact.value * times
    return fact.kind, value, unit


def _shorter(value: str) -> Iterator[str]:
    """A day and every shorter way to name it: without its year, by its month or day alone."""
    for way in value.split("|"):
        if not way.startswith("day "):
            yield way
            continue
        year, month, day = way.split()[1:]
        for shown in ((year, month, day), ("?", month, day), ("?", month, "?"), ("?", "?", day)):
            yield "day " + " ".join(shown)
        yield f"day {year} {month} ?"
        yield f"day {year} ? ?"


def _is_in(fact: Fact, forms: frozenset[_Form]) -> bool:
    if fact.kind is Kind.DATE:
        return any((Kind.DATE, way, "") in forms for way in str(fact.value).split("|"))
    if fact.value == FEW:
        return any(
            (fact.kind, few, fact.unit) in forms for few in (FEW, *map(Decimal, range(2, 11)))
        )
    if _form(fact) in forms:
        return True
    if fact.kind is Kind.QUANTITY and not fact.unit and (Kind.CODE, str(fact.value), "") in forms:
        return True
    return fact.is_bare and any((kind, fact.value, unit) in forms for kind, unit in _COUNTED)


_COUNTED = (
    *((Kind.AMOUNT, unit) for unit in sorted(units.MONEY)),
    *((Kind.QUANTITY, unit) for unit in sorted(units.NAMES)),
)
"""`Within 7.` says what `7 days` says: a number with nothing behind it may be any of these."""


def _code(fact: Fact) -> Code:
    if fact.kind in (Kind.CODE, Kind.PHONE) and isinstance(fact.value, str):
        digits = fact.value
        if _MOBILE.fullmatch(digits) or _LONG.fullmatch(digits):
            return Code.PERSONAL_DATA
    return CODES[fact.kind]
