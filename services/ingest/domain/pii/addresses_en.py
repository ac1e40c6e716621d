"""Street addresses in Latin letters: house number and street, unit, box, postcode, or announced.

Patterns find what only addresses have; from there the address goes on as `address_run` says.
"""

from collections.abc import Iterator

from services.ingest.domain.pii import address_run
from services.ingest.domain.pii.address_words import (
    AFTER,
    AFTER_APART,
    BEFORE,
    BEFORE_CAPITAL,
    CUES,
    NEVER,
    STREET,
    SURE_STREET,
    UNIT,
)
from services.ingest.domain.pii.kinds import Found, folded
from services.ingest.domain.pii.linear import CAPITAL, LETTER, compiled
from services.ingest.domain.pii.words import words

_HOUSE = r"\b[0-9]{1,6}[A-Za-z]?(?:[-/][0-9]{1,5})?"
_CAP = rf"(?:[{CAPITAL}][{LETTER}.'’-]*|[0-9]{{1,3}}(?:st|nd|rd|th)|de|la|of|the)"
_LOWER = rf"(?:[{LETTER}][{LETTER}.'’-]*|[0-9]{{1,3}}(?:st|nd|rd|th))"
_ENDING = AFTER.replace(".", r"\.")
_APART = AFTER_APART.replace(".", r"\.")
_PATTERNS = tuple(
    map(
        compiled,
        (
            rf"{_HOUSE},? {{1,2}}(?:{_CAP} {{1,2}}){{1,5}}(?i:{STREET})\b\.?",
            rf"(?i){_HOUSE},? {{1,2}}(?:{_LOWER} ){{1,3}}(?:{SURE_STREET}|st)\b\.?",
            rf"(?:{_HOUSE},? )?\b(?i:{BEFORE}) {_LOWER}(?: {_LOWER}){{0,4}}?,?"
            rf" [0-9]{{1,5}}[A-Za-z]?\b",
            rf"(?:{_HOUSE},? )?\b(?:{BEFORE_CAPITAL}) ?{_CAP}(?: {_LOWER}){{0,4}}?,?"
            rf" [0-9]{{1,5}}[A-Za-z]?\b",
            rf"{_HOUSE},? (?:(?i:{BEFORE})|{BEFORE_CAPITAL}) {_LOWER}(?: {_CAP}){{0,4}}",
            rf"(?:{_HOUSE} )?[{CAPITAL}][{LETTER}-]{{2,}}(?i:{_ENDING}) ?[0-9]{{1,4}}[A-Za-z]?\b",
            rf"(?:{_HOUSE} )?[{CAPITAL}][{LETTER}'-]+(?: [{LETTER}][{LETTER}'-]+){{0,3}}"
            rf" (?i:{_APART}) [0-9]{{1,4}}\b\.?",
            r"(?i)\bP\. ?O\. ?Box [0-9]{1,6}|\bPO Box [0-9]{1,6}|\b(?:PSC|Unit"
            r"|CMR) [0-9]{1,5},? Box [0-9]{1,5}",
            rf"(?i)(?:\b(?:USS|USNS|USNV|USCGC) [{LETTER}'-]+\n)?\b[AFD]PO,? A[AEP] [0-9]{{5}}",
            rf"\b(?:[{CAPITAL}][{LETTER}'.-]+ ?){{1,3}}, ?[A-Z]{{2}},?"
            rf" [0-9]{{5}}(?:-[0-9]{{4}})?\b",
            r"\b(?:GIR ?0AA|[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]|[A-HK-Y][0-9][0-9A-HJKPSTUW]"
            r"|[0-9][A-HJKPSTUW])"
            r" [0-9][ABD-HJLNP-UW-Z]{2})\b",
            rf"(?i:\b(?:the )?corner of (?:[{LETTER}0-9'./-]+ ){{1,5}}and"
            rf" )[{CAPITAL}][{LETTER}'.-]+(?: [{CAPITAL}0-9][{LETTER}0-9'.-]*){{0,3}}",
        ),
    )
)
_UNITS = compiled(
    rf"(?i)\b(?:{UNIT})\b\.? {{0,2}}(?:#|no\.? ?)?(?:[0-9]{{1,5}}[A-Z]?|[A-Z][0-9]{{1,4}}|[A-Z])\b"
)
_LINE = compiled(
    rf"(?:^|\n)[ \t>]{{0,4}}([0-9]{{1,6}} (?:{_CAP} ){{1,4}}[0-9]{{1,5}}[A-Za-z]?\.?)[ \t]{{0,3}}\n"
)
_YEAR = compiled(r"\b(?:19|20)[0-9]{2}$")
_STRONG_UNITS = ("apt", "suite", "ste")
_ANNOUNCED = compiled(rf"(?i)(?:{CUES})[\s:>-]{{0,8}}")
_ZIP = compiled(
    r"(?i:\bzip|\bzip ?code|post ?code|postal code|pin ?code|邮编|邮政编码)(?i: is| are|:|：|是|为"
    r"| number){0,2}\s{0,3}"
    r"([A-Za-z]{0,2}[0-9][A-Z0-9]{2,5}(?: [0-9]{2,4}| [A-Z]{2}| [0-9][A-Z]{2}|-[0-9]{2,4})?)\b"
)
_NOT_HOUSE = words(
    "days hours minutes weeks months years times people pm am usd dollars percent of the more"
)


def find(text: str) -> Iterator[Found]:
    """Addresses as far as they go; they may overlap."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if _is_street(match[0]):
                start = match.start()
                if text[max(0, start - 2) : start - 1].isdigit():
                    start = address_run.left(text, start, most=1)
                end = address_run.right(text, match.end())
                yield _found(text, start, max(match.end(), end))
    for match in _LINE.finditer(text):
        yield _found(text, match.start(1), max(match.end(1), address_run.right(text, match.end(1))))
    for match in _UNITS.finditer(text):
        yield from _around(text, *match.span())
    for match in _ANNOUNCED.finditer(text):
        yield from _announced(text, match.end())
    for match in _ZIP.finditer(text):
        yield _found(text, *match.span(1))


def _is_street(written: str) -> bool:
    """Whether no word says that the number counts something else."""
    if not written[0].isdigit():
        return not _YEAR.search(written)
    words = written.lower().replace(",", " ").split()
    return not any(word in _NOT_HOUSE or word in NEVER for word in words[1:3] if word != "and")


def _around(text: str, start: int, end: int) -> Iterator[Found]:
    """The address of a unit, where there is one around it."""
    begins = address_run.left(text, start)
    line = text.rfind("\n", 0, start) + 1
    if begins == start and not text[line:start].strip(" \t>?"):
        above = text.rfind("\n", 0, max(0, line - 1)) + 1
        upper = text[above : max(0, line - 1)]
        if len(upper) <= 60 and any(map(str.isdigit, upper)):
            begins = address_run.left(text, max(0, line - 1))
    ends = max(end, address_run.right(text, end))
    around = text[begins:start] + text[end:ends]
    if any(map(str.isdigit, around)) or text[start:end].lower().startswith(_STRONG_UNITS):
        yield _found(text, begins, ends)


def _announced(text: str, start: int) -> Iterator[Found]:
    """What follows an announcement, if it has a number and a name."""
    end = address_run.right(text, start)
    first, newline, _ = text[start:end].partition("\n")
    # A line without a number names who lives there.
    if newline and not any(map(str.isdigit, first)):
        start += len(first) + 1
    words = text[start:end].replace(",", " ").split()
    numbers = [word for word in words if word[0].isdigit()]
    if len(words) >= 2 and numbers and len(numbers) < len(words):
        yield _found(text, start, end)


def _found(text: str, start: int, end: int) -> Found:
    return Found(start, end, "ADDRESS", folded(text[start:end].replace(",", " ")))
