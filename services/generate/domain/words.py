"""Which of a message's words an entry has too.

Sentence vectors see that two texts are about similar things; words see that they are about the
same thing. A restaurant is near a hotel, but no word of a question for one stands in an answer
about the other.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

LATIN = re.compile(r"[a-z0-9\u00df-\u024f\u0370-\u052f]+")
CHINESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")
STEM = 5


def words_of(text: str) -> frozenset[str]:
    """Words cut to STEM letters (a crude stemmer for any alphabet), and pairs of characters where
    no spaces stand between words."""
    folded = unicodedata.normalize("NFKC", text).lower()
    found = {word[:STEM] for word in LATIN.findall(folded) if len(word) > 1}
    for run in CHINESE.findall(folded):
        found.update(run[start : start + 2] for start in range(len(run) - 1))
    return frozenset(found)


class WordIndex:
    """The words of the entries of one language."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words = [words_of(text) for text in texts]
        self._entries_with = Counter(word for words in self._words for word in words)

    def shared(self, words: frozenset[str], entry: int) -> float:
        """How many of these words the entry has, from 0 up; rare words weigh more.

        A word of every entry weighs nothing, a word of one in many weighs almost 1. Their number
        counts, not their share: a long message says much that no entry needs to have.
        """
        return sum(self._weight(word) for word in words & self._words[entry])

    def _weight(self, word: str) -> float:
        return 1.0 - self._entries_with[word] / len(self._words)
