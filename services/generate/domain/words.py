"""Lexical search: which entries hold the words of a message, rare ones counting most.

Sentence vectors see that two texts are about similar things; words see that they are about the
same thing. A restaurant is near a hotel, but no word of a question for one stands in an answer
about the other.
"""

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

Floats = NDArray[np.float32]

K1, B = 0.8, 0.5
"""Saturation of repeated words and weight of a text's length: passages are short, so that a
repeated word says little, and long ones are not padded."""


class _OfThisThread(threading.local):
    """A stemmer must not be shared by threads, and takes longer to make than to use."""

    def __init__(self) -> None:
        self.stemmer = Stemmer.Stemmer("english")


_OURS = _OfThisThread()


def terms(words: Iterable[str]) -> list[str]:
    """What is searched for of words in lower case: English ones by their stem (Porter 2)."""
    stems: list[str] = _OURS.stemmer.stemWords(list(words))
    return stems


class WordIndex:
    """BM25 (Robertson and Zaragoza 2009) over the terms of texts."""

    def __init__(self, index: bm25s.BM25, size: int) -> None:
        self._index = index
        self._size = size

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]]) -> Self:
        """Of the terms of each text, repeated ones included; at least one text has some."""
        # In order, so that the same texts make the same files.
        vocabulary = {term: number for number, term in enumerate(sorted(set().union(*texts)))}
        numbers = [[vocabulary[term] for term in text] for text in texts]
        index = bm25s.BM25(k1=K1, b=B)
        index.index((numbers, vocabulary), show_progress=False)
        return cls(index, len(texts))

    def scores(self, words: Iterable[str]) -> Floats:
        """float32 [texts], 0 where no term is shared. Repeated words count once."""
        known = self._known(words)
        if not known:
            return np.zeros(self._size, np.float32)
        scores: Floats = self._index.get_scores(known).astype(np.float32)
        return scores

    def shared(self, words: Iterable[str], text: int) -> float:
        """How many of these words a text has, from 0 up; rare words weigh more.

        A word of every text weighs nothing, a word of one in many weighs almost 1. Their number
        counts, not their share: a long message says much that no entry needs to have.
        """
        found = 0.0
        ends, texts = self._index.scores["indptr"], self._index.scores["indices"]
        for term in self._known(words):
            number = self._index.vocab_dict[term]
            having = texts[ends[number] : ends[number + 1]]
            if (having == text).any():
                found += 1.0 - len(having) / self._size
        return found

    def _known(self, words: Iterable[str]) -> list[str]:
        return sorted(self._index.vocab_dict.keys() & set(terms(words)))

    def save(self, folder: Path) -> None:
        self._index.save(folder, show_progress=False)

    @classmethod
    def load(cls, folder: Path, size: int) -> Self:
        """Of so many texts. Raises OSError, ValueError or KeyError when the files do not fit."""
        index = bm25s.BM25.load(folder, show_progress=False)
        if index.scores["num_docs"] != size:
            raise ValueError(f"the words of {index.scores['num_docs']} texts, not of {size}")
        if len(index.vocab_dict) < len(index.scores["indptr"]) - 1:
            raise ValueError("words without a name")
        return cls(index, size)
