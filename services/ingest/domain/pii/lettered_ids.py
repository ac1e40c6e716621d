"""Identity numbers with letters: Hong Kong, Taiwan, United Kingdom, India; driving licences."""

import re
from collections.abc import Iterator

from services.ingest.domain.pii import cues
from services.ingest.domain.pii.kinds import Found
from services.ingest.domain.pii.linear import compiled

_CANDIDATE = compiled(
    r"\b(?:(?P<hk>[A-Za-z]{1,2}[0-9]{6} ?(?:\( ?[0-9Aa] ?\)|\[ ?[0-9Aa] ?\]))"
    r"|(?P<tw>[A-Za-z][1289][0-9]{8})\b"
    r"|(?P<hk_bare>[A-Za-z]{1,2}[0-9]{6}[0-9Aa])\b"
    r"|(?P<uk>[A-Za-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Da-d])\b"
    r"|(?P<pan>[A-Za-z]{5}[0-9]{4}[A-Za-z])\b)"
)
_LICENCE = compiled(
    r"(?i)\b(?:driver'?s?'?|driving) licen[cs]e(?: (?:number|no|id))?\.?(?: is| was|:|#"
    r"|,){0,2} {0,2}"
    r"([A-Z]{0,4}[0-9][A-Z0-9-]{4,18})\b"
    r"|(?:驾驶证|驾照|駕照)(?:号码|号|號碼|号是)?[是为:： ]{0,3}([A-Z0-9]{8,20})"
)
_ID_CUE = re.compile(
    r"身份|身分|证件|證件|\b(?:hkid|identity|identification|id card|id (?:no|number)|national id"
    r"|national insurance|nino|ni (?:no|number)|pan(?: card)?|permanent account)\b",
    re.IGNORECASE,
)
_NO_NINO = frozenset({"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"})
_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""In the order of Taiwan's household registration, from 10 on."""


def find(text: str) -> Iterator[Found]:
    """Identity and licence numbers of these forms, their check digits right."""
    for match in _CANDIDATE.finditer(text):
        form, (start, end) = match.lastgroup, match.span()
        written = match[0]
        code = "".join(filter(str.isalnum, written)).upper()
        lead = cues.before(text, start)
        announced = cues.last_end(_ID_CUE, lead)
        if cues.order_cue(lead) > announced or not cues.stands_alone(text, start, end):
            continue
        if _holds(form, code, written.isupper(), announced >= 0):
            yield Found(start, end, "ID", code)
    for match in _LICENCE.finditer(text):
        group = 1 if match[1] else 2
        yield Found(match.start(group), match.end(group), "ID", match[group].upper())


def _holds(form: str | None, code: str, upper: bool, announced: bool) -> bool:
    match form:
        case "hk":
            return _hong_kong(code)
        case "hk_bare":
            return announced and _hong_kong(code)
        case "tw":
            return _taiwan(code)
        case "uk":
            return (upper or announced) and _british(code)
        case _:
            return announced or (upper and code[3] == "P")


def _hong_kong(code: str) -> bool:
    """Weights 9 to 1 modulo 11, letters from A = 10; a missing first letter is a blank, 36."""
    values = [ord(c) - 55 if c.isalpha() else int(c) for c in code]
    if len(values) == 8:
        values.insert(0, 36)
    return (
        sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=True)) % 11 == 0
    )


def _taiwan(code: str) -> bool:
    """The letter's two digits and the rest, weighted 1 9 8 7 6 5 4 3 2 1 1, modulo 10."""
    tens, ones = divmod(_LETTERS.index(code[0]) + 10, 10)
    digits = [tens, ones, *map(int, code[1:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0


def _british(code: str) -> bool:
    """National insurance: two letters, of which some are never given."""
    return not (set(code[:2]) & set("DFIQUV")) and code[1] != "O" and code[:2] not in _NO_NINO
