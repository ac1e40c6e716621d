"""Amounts of money, exact: a decimal number and an ISO 4217 code, never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

_WRITTEN = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,4})?) ([A-Z]{3})")
_SMALLEST = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Money:
    """More than nothing, in hundredths at the finest."""

    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Of `500 CNY` or `500.00 CNY`; None for anything else, also for zero and for `0.005`."""
        match = _WRITTEN.fullmatch(text)
        if match is None:
            return None
        amount = Decimal(match[1])
        if amount <= 0 or amount != amount.quantize(_SMALLEST):
            return None
        return cls(amount.quantize(_SMALLEST), match[2])

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
