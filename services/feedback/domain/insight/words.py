"""The words that set some messages apart from the others."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.feedback.domain.insight.message import Message

PRIOR_WORDS = 100.0
"""The prior counts for so many words, spread as in all messages."""
SURE = 1.96
"""Standard deviations from which on a word is held to be distinctive."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """In how many messages each word stands; `total` is the sum."""

    counts: Counter[str]
    total: int

    @classmethod
    def of(cls, messages: Iterable[Message]) -> "Vocabulary":
        counts = Counter(word for message in messages for word in set(message.words))
        return cls(counts, counts.total())


def distinctive(word: str, group: Vocabulary, everything: Vocabulary) -> float:
    """How many standard deviations a word's log-odds in the group lie above those outside it.

    `everything` includes the group, and is the informative Dirichlet prior. Equations 16, 20 and
    22 of Monroe, B. L., Colaresi, M. P. and Quinn, K. M. (2008), "Fightin' Words: Lexical Feature
    Selection and Evaluation for Identifying the Content of Political Conflict", Political Analysis
    16(4), 372-403.
    """
    prior = PRIOR_WORDS * everything.counts[word] / everything.total
    inside = group.counts[word] + prior
    outside = everything.counts[word] - group.counts[word] + prior
    inside_rest = group.total + PRIOR_WORDS - inside
    outside_rest = everything.total - group.total + PRIOR_WORDS - outside
    difference = math.log(inside / inside_rest) - math.log(outside / outside_rest)
    return difference / math.sqrt(1 / inside + 1 / outside)


def key_words(group: Sequence[Message], everything: Vocabulary, most: int) -> tuple[str, ...]:
    """The most distinctive words of messages in one language, the strongest first.

    A word counts when two people used it in a fifth of the messages: what one person alone says
    may name that person. Words with digits and single characters say nothing to a reader.
    """
    vocabulary = Vocabulary.of(group)
    people: dict[str, set[tuple[str, str]]] = {}
    for message in group:
        for word in message.words:
            people.setdefault(word, set()).add(message.person)
    scores = {
        word: distinctive(word, vocabulary, everything)
        for word, count in vocabulary.counts.items()
        if len(people[word]) > 1 and 5 * count >= len(group) and _is_readable(word)
    }
    strong = [word for word, score in scores.items() if score >= SURE]
    return tuple(sorted(strong, key=lambda word: (-scores[word], word))[:most])


def _is_readable(word: str) -> bool:
    return len(word) > 1 and not any(character.isdigit() for character in word)
