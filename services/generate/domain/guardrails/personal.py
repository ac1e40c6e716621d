"""Placeholders in a text. Personal data that stands open is a fact without grounds."""

import re
from collections.abc import Iterator

from services.generate.domain.guardrails.characters import FLAGS
from services.generate.domain.guardrails.grounds import Grounds
from services.generate.domain.guardrails.reading import PLACEHOLDER
from services.generate.domain.guardrails.violation import Code, Violation, at

_SENDS_TO = re.compile(
    r"(?:\b(?:call|dial|ring|text|e-?mail|contact|write to|transfer "
    r"(?:it |the money )?to|pay(?: it)? (?:in)?to)"
    r"|拨打|致电|联系|发(?:送?邮件)?(?:到|至|给)|转(?:账)?(?:到|至|给)|汇(?:款)?(?:到|至|给))"
    r"(?: us at| us on)? ?\Z",
    FLAGS,
)
_REACHED = ("[PHONE", "[EMAIL", "[CARD", "[ACCOUNT", "[IBAN", "[URL", "[BANK")


def foreign_placeholders(text: str, grounds: Grounds) -> Iterator[Violation]:
    """Placeholders that are not this ticket's, and those of a number or address that the customer
    is sent to: it came from a message, not from us."""
    shown = "\n".join((*grounds.trusted, *grounds.own))
    for match in PLACEHOLDER.finditer(text):
        start, end = match.span()
        name = match[0]
        if name not in grounds.placeholders and name not in shown:
            yield at(Code.PERSONAL_DATA, text, start, end)
        elif name.startswith(_REACHED) and _SENDS_TO.search(text[max(0, start - 40) : start]):
            yield at(Code.UNGROUNDED_LINK, text, start, end)
