"""What all messages of some weeks have in common, taken in one after the other."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from services.feedback.domain.insight.message import Message
from services.feedback.domain.insight.words import Vocabulary

LEAST_OF_LANGUAGE = 30
"""With fewer messages of a language its mean is not known."""


class Background:
    """By language, the mean of the vectors and the words. It keeps no message, so that it takes
    the same memory however many there are."""

    def __init__(self) -> None:
        self._words: dict[str, Counter[str]] = defaultdict(Counter)
        self._vectors: dict[str, int] = defaultdict(int)
        self._sums: dict[str, NDArray[np.float64]] = {}

    @classmethod
    def of(cls, messages: Iterable[Message]) -> "Background":
        background = cls()
        for message in messages:
            background.add(message)
        return background

    def add(self, message: Message) -> None:
        """Each message once."""
        self._words[message.language].update(set(message.words))
        if message.vector is not None:
            self._vectors[message.language] += 1
            known = self._sums.get(message.language)
            vector = message.vector.astype(np.float64)
            self._sums[message.language] = vector if known is None else known + vector

    @property
    def vocabularies(self) -> Mapping[str, Vocabulary]:
        return {
            language: Vocabulary(counts, counts.total()) for language, counts in self._words.items()
        }

    @property
    def means(self) -> Mapping[str, NDArray[np.float32]]:
        """Of the languages with enough messages: float32 [width] each."""
        return {
            language: (total / self._vectors[language]).astype(np.float32)
            for language, total in self._sums.items()
            if self._vectors[language] >= LEAST_OF_LANGUAGE
        }
