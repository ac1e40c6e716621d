"""Texts into vectors, and entries with their vectors into shelves."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import rjieba
from tqdm import tqdm

from services.generate.domain.entries import Entry
from services.generate.domain.retrieval import Floats, Query, Shelf, centred
from services.generate.domain.words import WordIndex, terms
from services.generate.knowledge.documents import Question
from shared.encoder.encoder import Kind
from shared.words import words_in, words_of

BATCH = 32


class TextEncoder(Protocol):
    """What is needed of an encoder."""

    def encode(self, texts: Sequence[str], kind: Kind) -> Floats: ...


class Embedder:
    """Encodes with a progress bar."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder

    def vectors(self, texts: Sequence[str], kind: Kind, what: str) -> Floats:
        """Vectors [texts, width]."""
        with tqdm(total=len(texts), desc=what, unit="text") as bar:
            parts = []
            for batch in _batches(texts):
                parts.append(self._encoder.encode(batch, kind))
                bar.update(len(batch))
        return np.concatenate(parts)

    def queries(self, questions: Sequence[Question]) -> list[Query]:
        """The questions as the worker would see them."""
        vectors = self.vectors([question.text for question in questions], "query", "questions")
        return [
            Query(words(question.text), question.language, vector, question.intents)
            for question, vector in zip(questions, vectors, strict=True)
        ]

    def shelves(self, entries: Sequence[Entry], background: Sequence[Entry]) -> dict[str, Shelf]:
        """A shelf for each language of the entries.

        The centres of a language are taken over the background, too, so that a handful of entries
        is enough to know where a language's texts lie.
        """
        everything = list(dict.fromkeys([*entries, *background]))
        asked = [question for entry in everything for question in entry.asked]
        questions = self.vectors(asked, "query", "wordings")
        passages = self.vectors([entry.passage for entry in everything], "passage", "texts")
        sizes = [len(entry.asked) for entry in everything]
        shelves = {}
        for language in sorted({entry.language for entry in entries}):
            spoken = np.array([entry.language == language for entry in everything])
            own = spoken & (np.arange(len(everything)) < len(entries))
            centre = questions[np.repeat(spoken, sizes)].mean(axis=0)
            passage_centre = passages[spoken].mean(axis=0)
            here = tuple(entry for entry in entries if entry.language == language)
            shelves[language] = Shelf(
                here,
                centred(questions[np.repeat(own, sizes)], centre),
                centred(passages[own], passage_centre),
                centre,
                word_index(here),
            )
        return shelves


def words(text: str) -> tuple[str, ...]:
    """The words of a message, as ingest sends them along."""
    return words_of(text, rjieba.cut)


def word_index(entries: Sequence[Entry]) -> WordIndex:
    """Of all that is written about each."""
    return WordIndex.of([terms(words_in(entry.passage, rjieba.cut)) for entry in entries])


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]
