"""What the words of a text say beside its meaning: known terms, their weight and their places.

A term is a word, two neighbouring words, or how a long word begins, which is much of its stem.
Chinese and Japanese characters are words of their own. Terms are known by a checksum only, so that
what is stored of a lexicon does not spell out what people wrote.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from services.classify.domain.language import HAN

Floats = NDArray[np.float32]
Places = NDArray[np.intp]
Span = tuple[int, int]

_UNSPACED = f"\u3040-\u30ff{HAN}"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_BEGINNING = 4
_LEAST_TEXTS = 2
"""Texts that a term stands in: what one text alone says teaches nothing about others."""


class _Found(NamedTuple):
    """A text's words; the key of every term in it, words, then pairs, then beginnings; and which
    words each is made of."""

    spans: list[Span]
    keys: list[int]
    firsts: list[int]
    lasts: list[int]


@dataclass(frozen=True)
class Terms:
    """Where the terms of a lexicon stand in texts.

    For each occurrence, in the order of the texts: `texts`, which text; `places`, which term of the
    lexicon; `values`, its part of the term's weight in the text (of which the squares add up to 1);
    `words` [occurrences, 2], the first and last word it is made of. `spans` are every text's words.
    """

    texts: Places
    places: Places
    values: Floats
    words: Places
    spans: Sequence[Sequence[Span]]

    def logits(self, weights: Floats) -> Floats:
        """What the terms add to each text's logits: [texts, labels] for weights [terms, labels]."""
        sums = np.zeros((len(self.spans), weights.shape[1]), np.float32)
        told, begins = np.unique(self.texts, return_index=True)
        if len(told):
            parts = weights[self.places] * self.values[:, None]
            sums[told] = np.add.reduceat(parts, begins, axis=0)
        return sums

    def shares(self, text: int, weights: Floats, labels: Places) -> Floats:
        """What each word of one text adds to the logits of some labels, [words, labels]: a pair's
        part goes half to either word."""
        first, end = np.searchsorted(self.texts, [text, text + 1])
        found = weights[self.places[first:end, None], labels]
        halves = found * (self.values[first:end, None] / 2)
        sums = np.zeros((len(self.spans[text]), len(labels)), np.float32)
        for words in self.words[first:end].T:
            np.add.at(sums, words, halves)
        return sums


@dataclass(frozen=True)
class Lexicon:
    """The terms that are known. keys: uint32 [terms], ascending; idf: float32 [terms], what a term
    weighs: the logarithm of how few texts have it, and 1."""

    keys: NDArray[np.uint32]
    idf: Floats

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Lexicon":
        """The terms that stand in at least two of the texts."""
        of_texts = [set(_found(text).keys) for text in texts]
        keys, counts = np.unique(
            np.fromiter((key for found in of_texts for key in found), np.uint32),
            return_counts=True,
        )
        known = counts >= _LEAST_TEXTS
        idf = np.log((1 + len(of_texts)) / (1 + counts[known])) + 1
        return cls(keys[known], idf.astype(np.float32))

    def read(self, texts: Sequence[str]) -> Terms:
        """The known terms of each text, weighed by tf-idf with a logarithmic term frequency
        (Manning et al. 2008, 6.4) to length 1."""
        found = [_found(text) for text in texts]
        owners = np.repeat(np.arange(len(texts)), [len(some.keys) for some in found])
        keys = np.array([key for some in found for key in some.keys], np.uint32)
        firsts = [first for some in found for first in some.firsts]
        lasts = [last for some in found for last in some.lasts]
        words = np.array([firsts, lasts], np.intp).T
        places = np.searchsorted(self.keys, keys)
        known = places < len(self.keys)
        known[known] = self.keys[places[known]] == keys[known]
        owners, places, words = owners[known], places[known], words[known]
        spans = [some.spans for some in found]
        return Terms(owners, places, self._values(owners, places), words, spans)

    def _values(self, owners: Places, places: Places) -> Floats:
        terms = max(len(self.keys), 1)
        distinct, which, counts = np.unique(
            owners * terms + places, return_inverse=True, return_counts=True
        )
        weights = (1 + np.log(counts)) * self.idf[distinct % terms]
        lengths = np.sqrt(np.bincount(distinct // terms, weights**2))
        values: Floats = (weights / counts / lengths[distinct // terms])[which]
        return values.astype(np.float32)


NOTHING = Lexicon(np.empty(0, np.uint32), np.empty(0, np.float32))
"""Knows no term."""


def _found(text: str) -> _Found:
    spans = [match.span() for match in _WORD.finditer(text)]
    words = [text[start:end].lower() for start, end in spans]
    encoded = [word.encode(errors="replace") for word in words]
    keys = [crc32(word) for word in encoded]
    pairs = [crc32(b" " + word, before) for before, word in zip(keys, encoded[1:], strict=False)]
    long = [place for place, word in enumerate(words) if len(word) > _BEGINNING]
    beginnings = [
        crc32(b"^" + words[place][:_BEGINNING].encode(errors="replace")) for place in long
    ]
    every = range(len(words))
    return _Found(
        spans,
        [*keys, *pairs, *beginnings],
        [*every, *every[:-1], *long],
        [*every, *every[1:], *long],
    )
