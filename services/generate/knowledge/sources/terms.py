"""When something holds, and which version of it this is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.generate.knowledge.sources.characters import shortened
from services.generate.knowledge.sources.unreadable import UnreadableDocument


@dataclass(frozen=True, slots=True)
class Terms:
    """The first and the last day something holds, None for no such day, and its version."""

    valid_from: date | None = None
    valid_until: date | None = None
    version: str = ""


ALWAYS = Terms()
NAMES = ("valid_from", "valid_until", "version")


def terms_of(told: Mapping[str, str], place: str, otherwise: Terms = ALWAYS) -> Terms:
    """The terms among the names and values told, `valid-from` too; `otherwise` where none is.

    An empty value takes a term away. Raises UnreadableDocument, which names the place.
    """
    named = {name.replace("-", "_"): value.strip() for name, value in told.items()}
    unknown = next((n for n in named if n.startswith("valid_") and n not in NAMES), None)
    if unknown is not None:
        raise UnreadableDocument(f"{place}: {unknown} is unknown; write valid_from or valid_until")
    first = _day(named, "valid_from", place, otherwise.valid_from)
    last = _day(named, "valid_until", place, otherwise.valid_until)
    if first is not None and last is not None and last < first:
        raise UnreadableDocument(f"{place}: valid_until {last} is before valid_from {first}")
    return Terms(first, last, named.get("version", otherwise.version))


def _day(told: Mapping[str, str], name: str, place: str, otherwise: date | None) -> date | None:
    text = told.get(name)
    if text is None:
        return otherwise
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UnreadableDocument(
            f"{place}: {name} is {shortened(text)!r}; write a day such as 2026-12-31"
        ) from None
