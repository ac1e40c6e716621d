"""Numbers in a text: where phone and card numbers can stand, found in one linear pass.

A number is written in groups of digits with small separators. A window is a run of such groups
that might be one number; every group begins at most `MOST_GROUPS` windows, so the work grows with
the text's length and no faster.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.ingest.domain.pii import cues
from services.ingest.domain.pii.kinds import Found

MOST_GROUPS = 6
LEAST_DIGITS, MOST_DIGITS = 7, 19
MOST_GROUPS_IN_TEXT, MOST_WINDOWS = 40_000, 20_000
"""More than these a text of a person does not hold."""

_AFTER = 12

_DIGITS = re.compile(r"[0-9]+")
_SEPARATOR = re.compile(r"[ \-.()\u2010-\u2015\u2212]{1,4}")
_TIGHT = "-.\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
# Dates, times, network addresses, amounts: their digits belong to no phone or card number.
_OTHERS = re.compile(
    r"(?<!\d)(?:19|20)\d{2}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}(?!\d)"
    r"|(?<!\d)\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}(?!\d)"
    r"|(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"
    r"|(?:[$£€¥₹]|\b(?:rmb|cny|usd|hkd|eur|gbp|inr))\s?\d{1,15}(?:[,.]\d{1,6}){0,6}"
    r"|(?<!\d)\d{1,15}(?:[,.]\d{1,6}){0,6}\s?(?:元|块|万|美元|円|%|rmb\b|usd\b|dollars?\b|euros?\b)",
    re.IGNORECASE,
)
_OPENING = ("+(", "(+", "+", "(")
_WORD_BEFORE = re.compile(r"(?:[A-Za-z0-9_]|[A-Za-z][-_])\Z")
_WORD_AFTER = re.compile(r"(?!x[0-9]{1,6}\b)[-_]?[A-Za-z]{1,3}[0-9]|_")


@dataclass(frozen=True, slots=True)
class Window:
    """A possible number at `start` to `end`, with the text around it.

    `lengths` are the digits per group. `plus` is true when a + stands before it, `alone` when the
    digits next to it are too far away or enough to be another number.
    """

    start: int
    end: int
    digits: str
    lengths: tuple[int, ...]
    written: str
    plus: bool
    alone: bool
    before: str
    after: str

    @property
    def is_order(self) -> bool:
        """Whether the text before says that this is an order, tracking or other such number."""
        return cues.order_cue(self.before) >= 0


def chains(text: str) -> Iterator[list[re.Match[str]]]:
    """Groups of digits that only small separators part, longest possible."""
    shadow = _OTHERS.sub(lambda match: "\0" * len(match[0]), text)
    chain: list[re.Match[str]] = []
    for group in _DIGITS.finditer(shadow):
        parted = chain and not _SEPARATOR.fullmatch(shadow, chain[-1].end(), group.start())
        if parted or len(chain) > MOST_GROUPS_IN_TEXT:
            yield chain
            chain = []
        chain.append(group)
    if chain:
        yield chain


def find(text: str, look: Callable[[Window], Found | None]) -> Iterator[Found]:
    """What `look` finds in the text's windows, each digit in one of them at most.

    Past `MOST_WINDOWS` the rest of the text, which then is nothing but numbers, is taken out whole.
    """
    groups, budget = MOST_GROUPS_IN_TEXT, MOST_WINDOWS
    for chain in chains(text):
        groups -= len(chain)
        first = fresh = 0
        while first < len(chain):
            found = None
            for window in windows(text, chain, first, fresh):
                budget -= 1
                if (found := look(window)) is not None:
                    break
            if budget <= 0 or groups <= 0:
                yield Found(chain[first].start(), len(text), "PHONE", "")
                return
            if found is None:
                first += 1
                continue
            yield found
            while first < len(chain) and chain[first].start() < found.end:
                first += 1
            fresh = first


def windows(text: str, chain: list[re.Match[str]], first: int, fresh: int = 0) -> Iterator[Window]:
    """The possible numbers that begin with group `first` of the chain, longest first.

    The groups before `fresh` belong to numbers found already.
    """
    lengths = [len(group[0]) for group in chain[first : first + MOST_GROUPS]]
    for size in range(len(lengths), 0, -1):
        if not LEAST_DIGITS <= sum(lengths[:size]) <= MOST_DIGITS:
            continue
        start, end = chain[first].start(), chain[first + size - 1].end()
        if _continues(text, start, end):
            continue
        lead = text[max(0, start - 2) : start]
        plus = "+" in lead
        start -= next((len(sign) for sign in _OPENING if lead.endswith(sign)), 0)
        yield Window(
            start,
            end,
            "".join(group[0] for group in chain[first : first + size]),
            tuple(lengths[:size]),
            text[start:end],
            plus,
            first == fresh and _enough(chain[first + size : first + size + MOST_GROUPS]),
            cues.before(text, start),
            text[end : end + _AFTER],
        )


def _continues(text: str, start: int, end: int) -> bool:
    """Whether the number goes on to either side, or is part of a longer identifier."""
    before, after = text[max(0, start - 2) : start], text[end : end + 4]
    if _WORD_BEFORE.search(before) or _WORD_AFTER.match(after):
        return True
    goes_on = len(before) == 2 and before[0].isdigit() and before[1] in _TIGHT
    return goes_on or (len(after) > 1 and after[0] in _TIGHT and after[1].isdigit())


def _enough(rest: list[re.Match[str]]) -> bool:
    """Whether what is left of a chain is nothing, or digits enough for another number."""
    return not rest or sum(len(group[0]) for group in rest) >= LEAST_DIGITS
