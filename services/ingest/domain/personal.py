"""Where personal data stands in a text."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from services.ingest.domain import emails, numbers
from services.ingest.domain.cards import card
from services.ingest.domain.phones import Phones
from services.ingest.domain.pii import (
    accounts,
    addresses_en,
    addresses_zh,
    ibans,
    lettered_ids,
    names_en,
    names_zh,
    networks,
    numeric_ids,
    own_names,
    plates,
    repeated,
    travel,
)
from services.ingest.domain.pii.kinds import Found, Kind, folded, without

__all__ = ["Finder", "Found", "Kind"]

MOST_OF_A_KIND = 4_000
"""No text of a person holds more; past it the rest of a text is taken out whole, not searched."""

_LEAST_KNOWN_DIGITS = 7
_Step = Callable[[str], Iterable[Found]]


class Finder:
    """Finds personal data of every kind, and the customer's own data in all its spellings."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    def normal(self, kind: Kind, written: str) -> str:
        """One form for the same thing written differently."""
        if kind == "PHONE":
            return self._phones.normal(written)
        return folded(written)

    def find(self, text: str, own: Mapping[Kind, str] | None = None) -> list[Found]:
        """All personal data of the text, in order and without overlap.

        `own` is what is known of the customer: that is found in every spelling. Each step sees
        the text without what the steps before it found.
        """
        own = own or {}
        known = self._known(own.get("PHONE"))
        name = own.get("NAME") or ""
        steps: tuple[_Step, ...] = (
            self._emails,
            ibans.find,
            networks.find,
            lettered_ids.find,
            plates.find,
            travel.find,
            accounts.find,
            lambda rest: self._numbers(rest, known),
            lambda rest: own_names.find(rest, name, self.normal("NAME", name)),
            addresses_zh.find,
            addresses_en.find,
            names_zh.find,
            names_en.find,
        )
        taken: list[Found] = []
        written = text
        for step in steps:
            found = _apart(_bounded(step(text), len(text)))
            text = without(text, found)
            taken += found
        names = {written[one.start : one.end]: one.normal for one in taken if one.kind == "NAME"}
        taken += _apart(_bounded(repeated.find(text, names), len(text)))
        return sorted(taken, key=lambda item: item.start)

    def _emails(self, text: str) -> Iterator[Found]:
        for start, end in emails.find(text):
            yield Found(start, end, "EMAIL", self.normal("EMAIL", text[start:end]))

    def _known(self, phone: str | None) -> frozenset[str]:
        """The customer's number in the digits it may be written in."""
        forms = (phone or "", self._phones.normal(phone or ""))
        digits = ("".join(filter(str.isdecimal, form)) for form in forms)
        return frozenset(form for form in digits if len(form) >= _LEAST_KNOWN_DIGITS)

    def _numbers(self, text: str, known: frozenset[str]) -> Iterator[Found]:
        def look(window: numbers.Window) -> Found | None:
            if (resident := numeric_ids.number(window)) is not None:
                return Found(window.start, resident[1], "ID", resident[0])
            if (digits := card(window)) is not None:
                return Found(window.start, window.end, "CARD", digits)
            if (number := self._phones.phone(window, known)) is not None:
                end = window.end + self._phones.extension(window)
                return Found(window.start, end, "PHONE", number)
            return None

        yield from numbers.find(text, look)


def _bounded(found: Iterable[Found], length: int) -> list[Found]:
    """As many as a text may hold; past that the rest of the text is one of them."""
    kept = list(islice(found, MOST_OF_A_KIND))
    if len(kept) == MOST_OF_A_KIND:
        last = kept[-1]
        kept.append(Found(last.end, max(length, last.end), last.kind, last.normal))
    return kept


def _apart(found: list[Found]) -> list[Found]:
    """In order and without overlap, the longer of two that begin together."""
    kept: list[Found] = []
    for item in sorted(found, key=lambda item: (item.start, -item.end)):
        if item.end > item.start and (not kept or item.start >= kept[-1].end):
            kept.append(item)
    return kept
