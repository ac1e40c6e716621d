"""How well entries are found: the rank of the right one, by words, by vectors, by both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.generate.domain.entries import Entry
from services.generate.domain.retrieval import Floats, Query, Shelf, fused

CUTS = (1, 5, 10)
METHODS = ("BM25", "dense", "fused")
Ranks = NDArray[np.int64]


@dataclass(frozen=True)
class Wanted:
    """A question with the places, on the shelf of its language, of the entries that answer it."""

    query: Query
    right: frozenset[int]


def rank(shelf: Shelf, questions: Sequence[Wanted]) -> dict[str, Ranks]:
    """By method, the rank of each question's first right entry, from 1. Of equal scores the right
    one comes last, so that an answer without a shared word gains nothing by it."""
    found: dict[str, list[int]] = {method: [] for method in METHODS}
    for question in questions:
        words = shelf.words.scores(question.query.words)
        dense = shelf.similarities(question.query.vector, shelf.centre)
        for method, scores in zip(METHODS, (words, dense, fused(dense, words)), strict=True):
            found[method].append(_rank(scores, question.right))
    return {method: np.array(ranks, np.int64) for method, ranks in found.items()}


def figures(ranks: Ranks) -> dict[str, float]:
    """The share of questions whose answer stands among the first CUTS, and the mean reciprocal
    rank."""
    recall = {f"recall@{cut}": round(float((ranks <= cut).mean()), 4) for cut in CUTS}
    return {**recall, "MRR": round(float((1 / ranks).mean()), 4)}


def right_for(named: str, entries: Mapping[str, Sequence[Entry]]) -> tuple[str, frozenset[int]]:
    """The language and the places of what a `doc_id` names: an entry by its id, all of a document,
    or a section if one document has it. KeyError when there is no such thing."""
    for name in ("id", "document", "section"):
        hits = {
            language: frozenset(n for n, entry in enumerate(shelf) if getattr(entry, name) == named)
            for language, shelf in entries.items()
        }
        hits = {language: places for language, places in hits.items() if places}
        if len(hits) == 1:
            return next(iter(hits.items()))
        if hits:
            break
    raise KeyError(named)


def _rank(scores: Floats, right: frozenset[int]) -> int:
    best = max(float(scores[place]) for place in right)
    others = np.delete(scores, list(right))
    return 1 + int((others >= best).sum())
