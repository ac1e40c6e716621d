"""The kinds of personal data, and what was found of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "NAME",
    "EMAIL",
    "PHONE",
    "CARD",
    "ID",
    "IBAN",
    "PASSPORT",
    "PLATE",
    "IP",
    "ADDRESS",
    "ACCOUNT",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Found:
    """Personal data of `kind` at `start` to `end`. `normal` is the same however it is written."""

    start: int
    end: int
    kind: Kind
    normal: str


def folded(written: str) -> str:
    """One form for what differs in capitals and spaces only."""
    return " ".join(written.casefold().split())


def without(text: str, taken: Iterable[Found]) -> str:
    """The text with what was found blanked out; positions stay. `taken` is in order."""
    parts, position = [], 0
    for found in taken:
        parts += [text[position : found.start], BLANK * (found.end - found.start)]
        position = found.end
    return "".join([*parts, text[position:]])


BLANK = "\0"
"""Stands for what was found already; no cleaned text holds it."""
