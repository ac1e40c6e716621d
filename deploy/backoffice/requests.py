"""A call of the demo back office, and why one is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

_MONEY = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,2})?) ([A-Z]{3})")


class Refused(Exception):
    """A request that is not carried out: an HTTP status, a code and a sentence for engineers."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Request:
    """One call: who asks, with what, under which key."""

    key: str
    customer_id: str
    arguments: Mapping[str, str]

    def argument(self, name: str) -> str:
        value = self.arguments.get(name, "")
        if not value:
            raise Refused(422, "invalid_arguments", f"the argument {name} is needed")
        return value

    def money(self, name: str) -> tuple[int, str]:
        """Hundredths and currency."""
        match = _MONEY.fullmatch(self.argument(name))
        if match is None or Decimal(match[1]) <= 0:
            raise Refused(422, "invalid_arguments", f"{name} is no amount such as 500.00 CNY")
        return int(Decimal(match[1]) * 100), match[2]

    @property
    def reference(self) -> str:
        """A number for what is done; derived from the key."""
        return uuid5(NAMESPACE_URL, self.key).hex[:8].upper()
