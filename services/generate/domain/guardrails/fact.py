"""A fact: something in a text that is right or wrong, in the one form all its spellings share."""

import re
from dataclasses import dataclass
from enum import StrEnum

from services.generate.domain.guardrails.numerals import Value


class Kind(StrEnum):
    """What a fact is about."""

    QUANTITY = "quantity"
    AMOUNT = "amount"
    DATE = "date"
    TIME = "time"
    CODE = "code"
    PHONE = "phone"
    EMAIL = "email"
    LINK = "link"
    HANDLE = "handle"


@dataclass(frozen=True, slots=True)
class Fact:
    """Characters `start` to `end` say `value`: a quantity or an amount in its `unit`, anything else
    in one normal form.

    `is_bare` is a number with nothing named behind it. `is_harmless` is no statement, as `one` in
    "one of us"; it may still be what another text's fact rests on.
    """

    kind: Kind
    value: Value
    start: int
    end: int
    unit: str = ""
    is_bare: bool = False
    is_harmless: bool = False


class Shadow:
    """A text from which what was read is taken out, so that nothing is read twice."""

    def __init__(self, text: str) -> None:
        self.text = text

    def take(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """The matches, in order, which are gone from the text from now on."""
        taken = list(pattern.finditer(self.text))
        if taken:
            self.text = pattern.sub(lambda match: "\0" * len(match[0]), self.text)
        return taken
