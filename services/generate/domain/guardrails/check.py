"""The one check that every text passes before it goes out, whoever wrote it."""

from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import chain, islice

from services.generate.domain.guardrails import sentences as same
from services.generate.domain.guardrails.characters import hidden, plain
from services.generate.domain.guardrails.grounding import Grounding
from services.generate.domain.guardrails.grounds import Grounds
from services.generate.domain.guardrails.language import wrong_language
from services.generate.domain.guardrails.markup import markup
from services.generate.domain.guardrails.names import Names
from services.generate.domain.guardrails.personal import foreign_placeholders
from services.generate.domain.guardrails.promising import promises
from services.generate.domain.guardrails.sentences import Sentences
from services.generate.domain.guardrails.speech import speech
from services.generate.domain.guardrails.violation import Code, Violation, at

MOST = 100
"""More violations are not looked for: one is enough to hold a text back."""
MOST_REMEMBERED = 1024
"""Texts kept in memory with what is seen in the text alone, the ones used last: most replies of the
composer are the same letter as some earlier one."""


class Guard:
    """The grounds of one reply, read once, for all texts that are written for it."""

    def __init__(self, grounds: Grounds) -> None:
        self._grounds = grounds

    def violations(
        self, text: str, *, language: str, longest: int, foreign_passages: bool = False
    ) -> tuple[Violation, ...]:
        """As the function of this name says."""
        if not text.strip():
            return (at(Code.EMPTY, text, 0, len(text)),)
        # What is too long is not sent: how it goes on need not be read.
        found = list(islice(self._found(text[:longest], language, foreign_passages), MOST))
        if len(text) > longest:
            found.append(at(Code.TOO_LONG, text, longest, len(text)))
        return tuple(sorted(found, key=lambda violation: (violation.start, violation.end)))

    def _found(self, text: str, language: str, foreign_passages: bool) -> Iterator[Violation]:
        yield from _shown(text)
        yield from foreign_placeholders(text, self._grounds)
        trusted = self._grounds.trusted
        is_foreign_allowed = foreign_passages or not trusted
        if is_foreign_allowed and _is_quoted(text, trusted, self._grounds.own):
            return
        sentences = Sentences(plain(text))
        yield from self._said(text, sentences, language)
        exempt = self._own | self._passages if foreign_passages else self._own
        yield from wrong_language(text, sentences, language, exempt)

    def _said(self, text: str, sentences: Sentences, language: str) -> Iterator[Violation]:
        """What somebody said in words of their own."""
        as_they_stand = self._passages | self._own
        yield from self._grounding.violations(text, sentences)
        yield from promises(text, sentences, as_they_stand, self._grounds.done)
        yield from speech(text, sentences, as_they_stand, self._prompt)
        yield from self._names.violations(text, sentences, language)

    @cached_property
    def _passages(self) -> frozenset[str]:
        return same.all_of(map(plain, self._grounds.trusted))

    @cached_property
    def _own(self) -> frozenset[str]:
        return same.all_of(map(plain, self._grounds.own))

    @cached_property
    def _grounding(self) -> Grounding:
        return Grounding(self._grounds)

    @cached_property
    def _names(self) -> Names:
        return Names(self._grounds)

    @cached_property
    def _prompt(self) -> frozenset[str]:
        return same.all_of([plain(self._grounds.prompt)])


@lru_cache(maxsize=MOST_REMEMBERED)
def _shown(text: str) -> tuple[Violation, ...]:
    """What is wrong whatever the text rests on."""
    return tuple(islice(chain(hidden(text), markup(text)), MOST))


@lru_cache(maxsize=MOST_REMEMBERED)
def _is_quoted(text: str, trusted: tuple[str, ...], own: tuple[str, ...]) -> bool:
    """Whether every line of the text is a line of a trusted passage or sentences of ours, to the
    character: then nothing is said that does not stand there."""
    lines = _own_lines(own).union(line for passage in trusted for line in passage.splitlines())
    return all(line in lines or _is_ours(line, own) for line in text.splitlines())


def _is_ours(line: str, own: tuple[str, ...]) -> bool:
    for sentence in _longest_first(own):
        line = line.replace(sentence, "")
    return not line.strip()


@lru_cache(maxsize=64)
def _own_lines(own: tuple[str, ...]) -> frozenset[str]:
    return frozenset(line for source in own for line in source.splitlines())


@lru_cache(maxsize=64)
def _longest_first(own: tuple[str, ...]) -> tuple[str, ...]:
    """One sentence may be a part of another."""
    return tuple(sorted(filter(None, own), key=len, reverse=True))


def violations(
    text: str,
    grounds: Grounds,
    *,
    language: str,
    longest: int,
    foreign_passages: bool = False,
) -> tuple[Violation, ...]:
    """What is wrong with the text, in the order it stands there; empty if it may be sent.

    `language` is the one it is to be written in, `longest` how many characters it may have.
    `foreign_passages` allows sentences of the cited entries that are in another language. Text with
    placeholders is meant: check it before names are filled in.
    """
    return Guard(grounds).violations(
        text, language=language, longest=longest, foreign_passages=foreign_passages
    )
