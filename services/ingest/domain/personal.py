"""Where personal data stands in a text."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from services.ingest.domain import emails, numbers
from services.ingest.domain.cards import card
from services.ingest.domain.phones import Phones

Kind = Literal["NAME", "EMAIL", "PHONE", "CARD"]
_LEAST_KNOWN_DIGITS = 7
_LATIN = re.compile("[A-Za-z0-9\u00c0-\u024f]")


@dataclass(frozen=True, slots=True)
class Found:
    """Personal data of `kind` at `start` to `end`. `normal` is the same however it is written."""

    start: int
    end: int
    kind: Kind
    normal: str


class Finder:
    """Finds e-mail addresses, telephone and card numbers, and the customer's own data."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    def normal(self, kind: Kind, written: str) -> str:
        """One form for the same thing written differently."""
        if kind == "PHONE":
            return self._phones.normal(written)
        return " ".join(written.casefold().split())

    def find(self, text: str, own: Mapping[Kind, str] | None = None) -> list[Found]:
        """All personal data of the text, in order and without overlap.

        `own` is what is known of the customer: that is found literally too.
        """
        own = own or {}
        taken = [
            Found(start, end, "EMAIL", self.normal("EMAIL", text[start:end]))
            for start, end in emails.find(text)
        ]
        text = _without(text, taken)
        numbers_found = list(self._numbers(text, self._known(own.get("PHONE"))))
        text = _without(text, numbers_found)
        names = self._literally(text, own.get("NAME"))
        return sorted([*taken, *numbers_found, *names], key=lambda found: found.start)

    def _known(self, phone: str | None) -> frozenset[str]:
        """The customer's number in the digits it may be written in."""
        forms = (phone or "", self._phones.normal(phone or ""))
        digits = ("".join(filter(str.isdecimal, form)) for form in forms)
        return frozenset(form for form in digits if len(form) >= _LEAST_KNOWN_DIGITS)

    def _numbers(self, text: str, known: frozenset[str]) -> Iterable[Found]:
        for chain in numbers.chains(text):
            first = fresh = 0
            while first < len(chain):
                found = self._number(text, chain, first, fresh, known)
                if found is None:
                    first += 1
                    continue
                yield found
                while first < len(chain) and chain[first].start() < found.end:
                    first += 1
                fresh = first

    def _number(
        self,
        text: str,
        chain: list[re.Match[str]],
        first: int,
        fresh: int,
        known: frozenset[str],
    ) -> Found | None:
        for window in numbers.windows(text, chain, first, fresh):
            if (digits := card(window)) is not None:
                return Found(window.start, window.end, "CARD", digits)
            if (number := self._phones.phone(window, known)) is not None:
                end = window.end + self._phones.extension(window)
                return Found(window.start, end, "PHONE", number)
        return None

    def _literally(self, text: str, name: str | None) -> Iterable[Found]:
        """The customer's name where it stands; a single letter is too little to tell."""
        words = (name or "").split()
        if len("".join(words)) < 2:
            return
        literal = r"\s{1,3}".join(re.escape(word) for word in words)
        before = r"(?<![A-Za-z0-9\u00c0-\u024f])" if _LATIN.match(words[0][0]) else ""
        after = r"(?![A-Za-z0-9\u00c0-\u024f])" if _LATIN.match(words[-1][-1]) else ""
        normal = self.normal("NAME", name or "")
        for match in re.finditer(before + literal + after, text, re.IGNORECASE):
            yield Found(match.start(), match.end(), "NAME", normal)


def _without(text: str, taken: Iterable[Found]) -> str:
    """The text with what was found blanked out; positions stay."""
    parts, position = [], 0
    for found in taken:
        parts += [text[position : found.start], "\0" * (found.end - found.start)]
        position = found.end
    return "".join([*parts, text[position:]])
