"""A group's name in plain words: what its most central message says, and its own words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.feedback.domain.insight.message import Message
from services.feedback.domain.insight.texts import is_personal, sentences, shown, without_greeting
from services.feedback.domain.insight.words import Vocabulary, key_words

LONGEST_NAME = 64
MOST_WORDS = 4
_MOST_CENTRAL = 7


@dataclass(frozen=True, slots=True)
class Name:
    """`sentence` is a customer's own, shortened; `words` are what sets the group apart."""

    sentence: str
    words: tuple[str, ...]


def names_of(
    messages: Sequence[Message], vocabularies: Mapping[str, Vocabulary]
) -> dict[str, Name]:
    """A name in each language of the messages, given the most central first; the language of most
    messages comes first. `vocabularies` are those of all messages by language."""
    shares = Counter(message.language for message in messages)
    return {
        language: _name([m for m in messages if m.language == language], vocabularies[language])
        for language, _ in sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    }


def _name(messages: Sequence[Message], everything: Vocabulary) -> Name:
    words = key_words(messages, everything, MOST_WORDS)
    return Name(shown(_telling(messages[:_MOST_CENTRAL], words), LONGEST_NAME), words)


def _telling(messages: Sequence[Message], words: Sequence[str]) -> str:
    """The sentence of a central message with the most key words in it; of equal ones the one that
    need not be cut and is no one's alone, then the more central."""

    def rank(sentence: str) -> tuple[int, bool, bool]:
        lower = sentence.lower()
        hits = sum(word in lower for word in words)
        is_short = not shown(sentence, LONGEST_NAME).endswith("…")
        return min(hits, 2), not is_personal(sentence), is_short

    candidates = [
        sentence for message in messages for sentence in sentences(without_greeting(message.text))
    ]
    return max(candidates, key=rank, default=messages[0].text)
