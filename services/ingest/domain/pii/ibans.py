"""International bank account numbers (ISO 13616), by python-stdnum."""

from collections.abc import Iterator
from functools import lru_cache

from stdnum import iban, numdb
from stdnum.exceptions import ValidationError

from services.ingest.domain.pii.cues import stands_alone
from services.ingest.domain.pii.kinds import Found
from services.ingest.domain.pii.linear import compiled

_BEGINS = compiled(r"\b([A-Za-z]{2}[0-9]{2})(?:[ -]?[A-Za-z0-9]){11,30}")


def find(text: str) -> Iterator[Found]:
    """Every number of its country's form and length with right check digits (ISO 7064 97-10)."""
    for match in _BEGINS.finditer(text):
        size = _size(match[1][:2].upper())
        written = _first(match[0], size)
        end = match.start() + len(written)
        if size and stands_alone(text, match.start(), end) and _valid(written):
            yield Found(match.start(), end, "IBAN", iban.compact(written))


@lru_cache(maxsize=512)
def _size(country: str) -> int:
    """How many characters the country's numbers have; 0 when it has none."""
    _, info = numdb.get("iban").info(f"{country}00")[0]
    parts = info.get("bban", "").replace("!", " ")
    numbers = "".join(c if c.isdigit() else " " for c in parts).split()
    return 4 + sum(map(int, numbers)) if numbers else 0


def _first(written: str, size: int) -> str:
    """The beginning that holds so many letters and digits."""
    seen = 0
    for place, character in enumerate(written):
        seen += character.isalnum()
        if seen == size:
            return written[: place + 1]
    return ""


def _valid(written: str) -> bool:
    try:
        iban.validate(written, check_country=False)
    except ValidationError:
        return False
    return True
