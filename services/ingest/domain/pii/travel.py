"""Passport and travel permit numbers."""

from collections.abc import Iterator

from services.ingest.domain.pii import cues
from services.ingest.domain.pii.kinds import Found
from services.ingest.domain.pii.linear import compiled

_ANNOUNCED = compiled(
    r"(?i)(?:护照|護照|通行证|通行證|回乡证|台胞证|\bpassports?\b|\btravel (?:document|permit)\b)"
    r"(?: ?(?:号码|号|號碼|number|no|num|id|is|was|are|是|为|[:：.#(（,，])){0,5}\s{0,3}"
    r"([A-Z]{0,3}[0-9]{6,10}[A-Z]?)\b"
)
# Of China: passports (E, G, E and a letter), permits for Hong Kong, Macau (C) and from there (H).
_CHINESE = compiled(r"(?i)\b([CEGH][0-9]{8}|[CE][A-HJ-NP-Z][0-9]{7})\b")
_SHORTEST, _LONGEST = 7, 11


def find(text: str) -> Iterator[Found]:
    """Numbers announced as a passport's or permit's, and those of China's unmistakable forms."""
    for match in _ANNOUNCED.finditer(text):
        start, end = match.span(1)
        if _SHORTEST <= end - start <= _LONGEST and cues.stands_alone(text, start, end):
            yield Found(start, end, "PASSPORT", match[1].upper())
    for match in _CHINESE.finditer(text):
        start, end = match.span(1)
        is_order = cues.order_cue(cues.before(text, start)) >= 0
        if not is_order and cues.stands_alone(text, start, end):
            yield Found(start, end, "PASSPORT", match[1].upper())
