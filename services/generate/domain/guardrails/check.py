"""The one check that every text passes before it goes out, whoever wrote it."""

from collections.abc import Iterator
from itertools import islice

from services.generate.domain.guardrails import sentences as same
from services.generate.domain.guardrails.characters import hidden, plain
from services.generate.domain.guardrails.grounds import Grounds
from services.generate.domain.guardrails.language import wrong_language
from services.generate.domain.guardrails.markup import markup
from services.generate.domain.guardrails.names import Names
from services.generate.domain.guardrails.personal import foreign_placeholders
from services.generate.domain.guardrails.promising import promises
from services.generate.domain.guardrails.sentences import Sentences
from services.generate.domain.guardrails.speech import speech
from services.generate.domain.guardrails.grounding import Grounding
from services.generate.domain.guardrails.violation import Code, Violation, at

MOST = 100
"""More violations are not looked for: one is enough to hold a text back."""


def violations(
    text: str,
    grounds: Grounds,
    *,
    language: str,
    longest: int,
    foreign_passages: bool = False,
) -> tuple[Violation, ...]:
    """All that is wrong with the text, in the order it stands there; empty if it may be sent.

    `language` is the one it is to be written in, `longest` how many characters it may have.
    `foreign_passages` allows sentences of the cited entries that are in another language. Text with
    placeholders is meant: check it before names are filled in.
    """
    found = islice(_violations(text, grounds, language, longest, foreign_passages), MOST)
    return tuple(sorted(found, key=lambda violation: (violation.start, violation.end)))


def _violations(
    text: str, grounds: Grounds, language: str, longest: int, foreign_passages: bool
) -> Iterator[Violation]:
    if not text.strip():
        yield at(Code.EMPTY, text, 0, len(text))
        return
    if len(text) > longest:
        yield at(Code.TOO_LONG, text, longest, len(text))
    sentences = Sentences(plain(text))
    passages, own = same.all_of(map(plain, grounds.trusted)), same.all_of(map(plain, grounds.own))
    yield from hidden(text)
    yield from markup(text)
    yield from foreign_placeholders(text, grounds)
    yield from Grounding(grounds).violations(text, sentences)
    yield from promises(text, sentences, passages | own, grounds.done)
    yield from speech(text, sentences, passages | own, same.all_of([plain(grounds.prompt)]))
    yield from Names(grounds).violations(text, sentences, language)
    exempt = own | passages if foreign_passages else own
    yield from wrong_language(text, sentences, language, exempt)
