"""Finding the entry that answers a message, and how sure that is.

Sentence vectors of one model all lean the same way (Mu & Viswanath 2018, "All-but-the-Top"), which
hides small differences. So a language's centre, the mean of its questions, is taken off first. An
entry is the questions it answers (its heading and other wordings), encoded like messages, and all
that is written about it, encoded as a passage. The similarity is the mean of the cosine with the
passage and of the cosine with the nearest two questions: one alone may be near by accident. To it
comes what words are shared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.generate.domain.calibration import FEATURES, Calibration, agreement, features
from services.generate.domain.entries import Entry, primary
from services.generate.domain.signs import SignIndex
from services.generate.domain.words import WordIndex

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]
KEPT = 5
"""How many of the nearest entries are looked at."""
EXHAUSTIVE = 4096
"""Up to so many entries all are compared; of more only CANDIDATES by signs and as many by words."""
CANDIDATES = 500
WORDS = 0.2
"""What shared words add to the similarity, at most; half of it at a BM25 score of HALF. Chosen on
the seed's questions and a public set, where 0.1 to 0.3 do as well."""
HALF = 8.0


@dataclass(frozen=True, slots=True)
class Query:
    """A message to be answered; `words` as `shared.words` gives them, `vector` [width] of the
    encoder that embedded the entries, `intents` the probabilities classify read in it."""

    words: tuple[str, ...]
    language: str
    vector: Floats
    intents: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The nearest entries of one language, best first, if there are any, and P(the first one is the
    answer)."""

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


@dataclass(frozen=True, slots=True)
class Found:
    """Places of the KEPT best entries for a query, best first, and `FEATURES` of the first."""

    places: tuple[int, ...]
    features: tuple[float, ...]


NOTHING = Found((), (0.0,) * len(FEATURES))


@dataclass(frozen=True)
class Shelf:
    """The entries of one language with their vectors, `centred` each by the mean of its kind.

    `questions` [questions, width] has a row for each `asked` of each entry in turn, `passages`
    [entries, width] one for each entry. `centre` [width] is the mean of the questions. `words`
    are those of the passages.
    """

    entries: tuple[Entry, ...]
    questions: Floats
    passages: Floats
    centre: Floats
    words: WordIndex

    def similarities(self, vector: Floats, centre: Floats, places: Rows | None = None) -> Floats:
        """How similar a message [width] is to the entries at `places`, or to all: [entries].

        `centre` is that of the message's language.
        """
        moved = centred(vector, centre)
        if places is None:
            asked, sizes, passages = self.questions, self._sizes, self.passages
        else:
            sizes = self._sizes[places]
            asked = self.questions[_ranges(self._starts[places], sizes)]
            passages = self.passages[places]
        nearest = nearest_two((asked @ moved)[None], sizes)[0]
        both: Floats = np.multiply(nearest + passages @ moved, 0.5, dtype=np.float32)
        return both

    def find(self, query: Query, centre: Floats, allowed: Flags) -> Found:
        """The best for a query of the entries that are `allowed` [entries]."""
        shared = self.words.scores(query.words)
        places = self._candidates(query.vector, centre, shared)
        similar = self.similarities(query.vector, centre, places)
        if places is not None:
            shared, allowed = shared[places], allowed[places]
        both = np.where(allowed, fused(similar, shared), -np.inf)
        best = np.argsort(-both, kind="stable")[: min(KEPT, int(allowed.sum()))]
        if not len(best):
            return NOTHING
        first = best[0]
        found = tuple((best if places is None else places[best]).tolist())
        others = np.delete(np.where(allowed, similar, -np.inf), first)
        next_similar = float(others.max()) if len(best) > 1 else 0.0
        evidence = features(
            float(similar[first]),
            float(similar[first]) - next_similar,
            self.words.shared(query.words, found[0]),
            agreement(self.entries[found[0]].intents, query.intents),
        )
        return Found(found, evidence)

    def valid(self, on: date) -> Flags:
        """Which entries hold on that day: bool [entries]."""
        return (self._days[:, 0] <= on.toordinal()) & (on.toordinal() <= self._days[:, 1])

    def _candidates(self, vector: Floats, centre: Floats, shared: Floats) -> Rows | None:
        """The places worth comparing exactly; None for all."""
        if len(self.entries) <= EXHAUSTIVE:
            return None
        moved = centred(vector, centre)
        asked = np.searchsorted(
            self._starts, self._question_signs.nearest(moved, CANDIDATES), side="right"
        )
        places = [
            asked - 1,
            self._passage_signs.nearest(moved, CANDIDATES),
            np.argpartition(-shared, CANDIDATES)[:CANDIDATES],
        ]
        return np.unique(np.concatenate(places))

    @cached_property
    def _days(self) -> Rows:
        """The first and the last day each entry holds, as ordinals [entries, 2]."""
        return np.array(
            [
                (
                    (entry.valid_from or date.min).toordinal(),
                    (entry.valid_until or date.max).toordinal(),
                )
                for entry in self.entries
            ]
        )

    @cached_property
    def _sizes(self) -> Rows:
        return np.array([len(entry.asked) for entry in self.entries], np.intp)

    @cached_property
    def _starts(self) -> Rows:
        starts: Rows = np.cumsum(self._sizes) - self._sizes
        return starts

    @cached_property
    def _question_signs(self) -> SignIndex:
        return SignIndex(self.questions)

    @cached_property
    def _passage_signs(self) -> SignIndex:
        return SignIndex(self.passages)


@dataclass(frozen=True)
class Index:
    """The whole knowledge base: a shelf for each language."""

    shelves: Mapping[str, Shelf]
    calibration: Calibration

    def search(self, queries: Sequence[Query], on: date) -> list[Match]:
        """A match for each query, among what holds on that day."""
        rankings = {
            language: self._rank(queries, shelf, shelf.valid(on))
            for language, shelf in self.shelves.items()
        }
        return [
            _match({name: ranked[number] for name, ranked in rankings.items()}, query.language)
            for number, query in enumerate(queries)
        ]

    def _rank(self, queries: Sequence[Query], shelf: Shelf, allowed: Flags) -> list[Ranking]:
        found = [shelf.find(query, self._centre(query, shelf), allowed) for query in queries]
        evidence = np.array([one.features for one in found], np.float32).reshape(-1, len(FEATURES))
        scores = self.calibration.scores(evidence)
        return [
            Ranking(tuple(shelf.entries[place] for place in one.places), float(score))
            for one, score in zip(found, scores, strict=True)
        ]

    def _centre(self, query: Query, shelf: Shelf) -> Floats:
        """The centre of the message's own language, or of the entries' where that is unknown."""
        own = self.shelves.get(primary(query.language))
        return (own or shelf).centre


def fused(similarities: Floats, shared: Floats) -> Floats:
    """Similarities and BM25 scores [entries] as one: what words add rises to WORDS and no further,
    for BM25 scores grow with the number of entries and the length of messages."""
    both: Floats = (similarities + WORDS * shared / (shared + HALF)).astype(np.float32)
    return both


def centred(vectors: Floats, centre: Floats) -> Floats:
    """Unit vectors after the centre is taken off; a vector at the centre becomes zero."""
    moved = vectors - centre
    lengths = np.linalg.norm(moved, axis=-1, keepdims=True)
    unit: Floats = np.divide(moved, np.maximum(lengths, 1e-6), dtype=np.float32)
    return unit


def nearest_two(similar: Floats, sizes: Rows) -> Floats:
    """The mean of the two highest values of each group, or the value of a group of one.

    `similar` [rows, columns] has the groups side by side, `sizes` columns each; gives [rows,
    groups].
    """
    starts = np.cumsum(sizes) - sizes
    first = np.maximum.reduceat(similar, starts, axis=1)
    others = np.where(similar == np.repeat(first, sizes, axis=1), -np.inf, similar)
    second = np.maximum.reduceat(others, starts, axis=1)
    second = np.where(np.isneginf(second), first, second)
    mean: Floats = np.multiply(first + second, 0.5, dtype=np.float32)
    return mean


def _ranges(starts: Rows, sizes: Rows) -> Rows:
    """The numbers from each start on, as many as its size, one range after the other."""
    ends = np.cumsum(sizes)
    ranges: Rows = np.arange(ends[-1]) + np.repeat(starts - (ends - sizes), sizes)
    return ranges


def _match(rankings: Mapping[str, Ranking], language: str) -> Match:
    here = primary(language)
    something = {name: ranking for name, ranking in rankings.items() if ranking.entries}
    others = [ranking for name, ranking in something.items() if name != here]
    elsewhere = max(others, key=lambda ranking: ranking.score, default=None)
    return Match(something.get(here), elsewhere)
