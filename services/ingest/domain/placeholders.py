"""Typed, numbered placeholders for personal data: the same original, the same placeholder."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from services.ingest.domain.personal import Found, Kind

MOST_IN_A_TICKET = 1000
"""Beyond this many originals a placeholder has no number, and its original is not kept."""

_FORGED = re.compile(r"\[([A-Z]{2,12}(?:_[0-9]{1,9})?)\]")


class Book:
    """The placeholders of one ticket. Knows originals by their fingerprints only.

    `fingerprint` gives a keyed hash of a kind and a normal form, `entries` are the ticket's
    placeholders so far, by fingerprint. `originals` collects what this message really said.
    """

    def __init__(self, fingerprint: Callable[[str], str], entries: Mapping[str, str]) -> None:
        self._fingerprint = fingerprint
        self.entries = dict(entries)
        self.originals: dict[str, str] = {}
        self._counts = Counter(name[1:].partition("_")[0] for name in self.entries.values())

    def placeholder(self, kind: Kind, normal: str, original: str) -> str:
        """The placeholder of this original."""
        fingerprint = self._fingerprint(f"{kind}\x1f{normal}")
        name = self.entries.get(fingerprint)
        if name is None:
            if len(self.entries) >= MOST_IN_A_TICKET:
                return bare(kind)
            self._counts[kind] += 1
            name = f"[{kind}_{self._counts[kind]}]"
            self.entries[fingerprint] = name
        self.originals.setdefault(name, original)
        return name


def bare(kind: Kind) -> str:
    """A placeholder that says the type only."""
    return f"[{kind}]"


def replaced(text: str, found: Iterable[Found], name: Callable[[Found, str], str]) -> str:
    """The text with everything found replaced by what `name` gives for it and its original.

    What already looks like a placeholder was not put there by us: its brackets become round ones,
    so that nobody can have an original put in its place.
    """
    parts, position = [], 0
    for item in found:
        parts.append(_disarmed(text[position : item.start]))
        parts.append(name(item, text[item.start : item.end]))
        position = item.end
    parts.append(_disarmed(text[position:]))
    return "".join(parts)


def _disarmed(text: str) -> str:
    return _FORGED.sub(r"(\1)", text)
