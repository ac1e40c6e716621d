"""Characters: one plain form for numbers and Latin letters, and those that no reader sees."""

import re
import unicodedata
from collections.abc import Iterator

from services.generate.domain.guardrails.violation import Code, Violation, at

_COMPATIBLE = (
    range(0x00A0, 0x00BF),  # no-break space, superscripts
    range(0x2000, 0x200B),  # spaces
    range(0x202F, 0x2060),
    range(0x2070, 0x20A0),  # superscripts and subscripts
    range(0x2460, 0x2500),  # enclosed digits and letters
    range(0x2776, 0x2794),
    range(0x3000, 0x3001),
    range(0xFE50, 0xFE70),  # small forms
    range(0xFF01, 0xFFEF),  # full-width forms
    range(0x1D400, 0x1D800),  # mathematical letters and digits
)
FLAGS = re.IGNORECASE | re.ASCII
"""Of every pattern for English: Chinese stands next to it without a space, and `\\b` must see the
border."""
_DASHES = dict.fromkeys(map(ord, "‐‑‒–−"), "-") | {ord("—"): "~", ord("‘"): "'", ord("’"): "'"}


def _table() -> dict[int, str]:
    forms = {
        point: unicodedata.normalize("NFKC", chr(point)) for block in _COMPATIBLE for point in block
    }
    # Characters for one character only: places in the text stay the same.
    single = {point: form for point, form in forms.items() if len(form) == 1}
    circled = {0x2776 + place: str(place + 1) for place in range(9)}
    decimals = {
        point: str(unicodedata.decimal(chr(point)))
        for point in range(0x0660, 0xFFFF)
        if unicodedata.decimal(chr(point), None) is not None
    }
    return decimals | single | circled | _DASHES


_PLAIN = _table()


def plain(text: str) -> str:
    """The text of the same length with full-width, circled and mathematical letters and digits,
    spaces and dashes in their ASCII form."""
    return text.translate(_PLAIN)


# Controls but line break and tab, format characters, line and paragraph separators, fillers that
# show nothing, private use, half characters, variation selectors, tags.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]+"
)
_PICTURE = re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]")
_JOINS_PICTURES = frozenset("\u200d\ufe0f")
# Letters of other scripts that look like Latin ones, within a Latin word.
_DISGUISED = re.compile(
    "[A-Za-z][\u0370-\u058f\u13a0-\u13ff\uab70-\uabbf]"
    "|[\u0370-\u058f\u13a0-\u13ff\uab70-\uabbf][A-Za-z]"
)
_STACKED = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3,}")


def hidden(text: str) -> Iterator[Violation]:
    """Invisible characters, direction overrides, look-alike letters, heaps of marks."""
    for match in _HIDDEN.finditer(text):
        if not _belongs_to_picture(text, match):
            yield at(Code.HIDDEN_CHARACTERS, text, match.start(), match.end())
    for pattern in (_DISGUISED, _STACKED):
        for match in pattern.finditer(text):
            yield at(Code.HIDDEN_CHARACTERS, text, match.start(), match.end())


def _belongs_to_picture(text: str, match: re.Match[str]) -> bool:
    """Emoji are joined and coloured by invisible characters; one or two after a picture are its
    own, more are a message."""
    written = match[0]
    is_joint = len(written) <= 2 and _JOINS_PICTURES.issuperset(written)
    return is_joint and bool(_PICTURE.match(text[match.start() - 1 : match.start()]))
