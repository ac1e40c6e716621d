"""Texts into vectors, and entries with their vectors into shelves."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from tqdm import tqdm

from services.generate.domain.entries import Entry
from services.generate.domain.retrieval import Floats, Query, Shelf, centred
from services.generate.knowledge.documents import Question
from shared.encoder.encoder import Kind

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
            Query(question.text, question.language, vector, question.intents)
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
            shelves[language] = Shelf(
                tuple(entry for entry in entries if entry.language == language),
                centred(questions[np.repeat(own, sizes)], centre),
                centred(passages[own], passage_centre),
                centre,
            )
        return shelves


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]
