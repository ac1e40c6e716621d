"""Finding the entry that answers a message, and how sure that is.

Sentence vectors of one model all lean the same way (Mu & Viswanath 2018, "All-but-the-Top"), which
hides small differences. So a language's centre, the mean of its questions, is taken off first. An
entry is the questions it answers (its heading and other wordings), encoded like messages, and all
that is written about it, encoded as a passage. The similarity is the mean of the cosine with the
passage and of the cosine with the nearest two questions: one alone may be near by accident.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.generate.domain.calibration import Calibration, agreement, features
from services.generate.domain.entries import Entry, primary
from services.generate.domain.words import WordIndex, words_of

Floats = NDArray[np.float32]
KEPT = 5
"""How many of the nearest entries are looked at."""
BLOCK = 64
"""Messages compared at once: bounds the memory of a search."""


@dataclass(frozen=True, slots=True)
class Query:
    """A message to be answered; `vector` [width] is of the encoder that embedded the entries, and
    `intents` are the probabilities classify read in it."""

    text: str
    language: str
    vector: Floats
    intents: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The nearest entries of one language, best first, and P(the first one is the answer)."""

    entries: tuple[Entry, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """What the knowledge base has on a message, in its language and in the best other one."""

    here: Ranking | None = None
    elsewhere: Ranking | None = None

    @property
    def best(self) -> Entry | None:
        return self.here.entries[0] if self.here else None

    @property
    def score(self) -> float:
        return self.here.score if self.here else 0.0

    @property
    def elsewhere_score(self) -> float:
        return self.elsewhere.score if self.elsewhere else 0.0

    def suggested(self, at_least: float, count: int = 2) -> tuple[Entry, ...]:
        """Entries worth showing to a person: of the message's language if they score enough."""
        for ranking in (self.here, self.elsewhere):
            if ranking is not None and ranking.score >= at_least:
                return ranking.entries[:count]
        return ()


@dataclass(frozen=True)
class Shelf:
    """The entries of one language with their vectors, `centred` each by the mean of its kind.

    `questions` [questions, width] has a row for each `asked` of each entry in turn, `passages`
    [entries, width] one for each entry. `centre` [width] is the mean of the questions.
    """

    entries: tuple[Entry, ...]
    questions: Floats
    passages: Floats
    centre: Floats

    @cached_property
    def words(self) -> WordIndex:
        return WordIndex(entry.passage for entry in self.entries)

    @cached_property
    def _wordings(self) -> list[int]:
        return [len(entry.asked) for entry in self.entries]

    def similarities(self, vectors: Floats, centres: Floats) -> Floats:
        """How similar messages [messages, width] are to the entries: [messages, entries].

        `centres` are those of the messages' languages, one for all or one for each.
        """
        moved = centred(vectors, centres)
        asked = nearest_two(moved @ self.questions.T, self._wordings)
        both: Floats = np.multiply(asked + moved @ self.passages.T, 0.5, dtype=np.float32)
        return both

    def evidence(self, queries: Sequence[Query], similar: Floats) -> tuple[list[list[int]], Floats]:
        """The KEPT most similar entries of each query, best first, and the `FEATURES` of the best.

        `similar` is what `similarities` gave, or a part of it masked.
        """
        kept = min(KEPT, similar.shape[1])
        nearest = np.argpartition(-similar, kept - 1, axis=1)[:, :kept]
        order = np.argsort(-np.take_along_axis(similar, nearest, axis=1), axis=1, kind="stable")
        nearest = np.take_along_axis(nearest, order, axis=1)
        best = list(zip(queries, nearest[:, 0].tolist(), strict=True))
        shared = [self.words.shared(words_of(query.text), entry) for query, entry in best]
        agreements = [
            agreement(self.entries[entry].intents, query.intents) for query, entry in best
        ]
        found = np.take_along_axis(similar, nearest, axis=1)
        evidence = features(found, np.array(shared, np.float32), np.array(agreements, np.float32))
        return nearest.tolist(), evidence


@dataclass(frozen=True)
class Index:
    """The whole knowledge base: a shelf for each language."""

    shelves: Mapping[str, Shelf]
    calibration: Calibration

    def search(self, queries: Sequence[Query]) -> list[Match]:
        """A match for each query."""
        rankings = {
            language: self._rank(queries, shelf) for language, shelf in self.shelves.items()
        }
        return [
            _match({name: ranked[number] for name, ranked in rankings.items()}, query.language)
            for number, query in enumerate(queries)
        ]

    def _rank(self, queries: Sequence[Query], shelf: Shelf) -> list[Ranking]:
        ranked: list[Ranking] = []
        for start in range(0, len(queries), BLOCK):
            block = queries[start : start + BLOCK]
            vectors = np.stack([query.vector for query in block])
            centres = np.stack([self._centre(query, shelf) for query in block])
            nearest, found = shelf.evidence(block, shelf.similarities(vectors, centres))
            scores = self.calibration.scores(found)
            ranked += [
                Ranking(tuple(shelf.entries[n] for n in order), float(score))
                for order, score in zip(nearest, scores, strict=True)
            ]
        return ranked

    def _centre(self, query: Query, shelf: Shelf) -> Floats:
        """The centre of the message's own language, or of the entries' where that is unknown."""
        own = self.shelves.get(primary(query.language))
        return (own or shelf).centre


def centred(vectors: Floats, centre: Floats) -> Floats:
    """Unit vectors after the centre is taken off; a vector at the centre becomes zero."""
    moved = vectors - centre
    lengths = np.linalg.norm(moved, axis=-1, keepdims=True)
    unit: Floats = np.divide(moved, np.maximum(lengths, 1e-6), dtype=np.float32)
    return unit


def nearest_two(similar: Floats, sizes: Sequence[int]) -> Floats:
    """The mean of the two highest values of each group, or the value of a group of one.

    `similar` [rows, columns] has the groups side by side, `sizes` columns each; gives [rows,
    groups].
    """
    starts = np.cumsum([0, *sizes[:-1]])
    first = np.maximum.reduceat(similar, starts, axis=1)
    others = np.where(similar == np.repeat(first, sizes, axis=1), -np.inf, similar)
    second = np.maximum.reduceat(others, starts, axis=1)
    second = np.where(np.isneginf(second), first, second)
    mean: Floats = np.multiply(first + second, 0.5, dtype=np.float32)
    return mean


def _match(rankings: Mapping[str, Ranking], language: str) -> Match:
    here = primary(language)
    others = [ranking for name, ranking in rankings.items() if name != here]
    elsewhere = max(others, key=lambda ranking: ranking.score, default=None)
    return Match(rankings.get(here), elsewhere)
