"""Sentences of a text, and when two of them are the same."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache

MOST_REMEMBERED = 4096
"""Texts whose sentences are kept in memory, the ones used last."""
_END = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)|\.(?=[\"'”’)\]])")
_NOT_LETTERS = re.compile(r"[\W_]+")


class Sentences:
    """The sentences of a text, found by a place in it. A line break ends one."""

    def __init__(self, text: str) -> None:
        self._text = text
        ends = [match.end() for match in _END.finditer(text)]
        self._starts = [0, *ends]
        self._ends = [*ends, len(text)]

    def at(self, place: int) -> tuple[int, int]:
        """Start and end of the sentence that this character belongs to."""
        number = bisect_right(self._starts, place) - 1
        return self._starts[number], self._ends[number]

    def text_at(self, place: int) -> str:
        start, end = self.at(place)
        return self._text[start:end]

    def spans(self) -> Iterable[tuple[int, int]]:
        """Start and end of each."""
        return zip(self._starts, self._ends, strict=True)


def normal(sentence: str) -> str:
    """Its letters and digits, in lower case, with one space between words."""
    return _NOT_LETTERS.sub(" ", sentence).strip().lower()


def all_of(texts: Iterable[str]) -> frozenset[str]:
    """The normal forms of every sentence of these texts."""
    return frozenset[str]().union(*map(_all_of, texts))


@lru_cache(maxsize=MOST_REMEMBERED)
def _all_of(text: str) -> frozenset[str]:
    sentences = Sentences(text)
    return frozenset({normal(text[start:end]) for start, end in sentences.spans()} - {""})
