"""Every check is linear: a megabyte made to hurt takes less than a second each."""

from collections.abc import Callable, Iterator
from time import process_time

import pytest

from services.generate.domain.guardrails import Grounds, is_to_a_machine, violations
from services.generate.domain.guardrails.characters import hidden, plain
from services.generate.domain.guardrails.grounding import Grounding
from services.generate.domain.guardrails.language import wrong_language
from services.generate.domain.guardrails.markup import markup
from services.generate.domain.guardrails.names import Names
from services.generate.domain.guardrails.promising import promises
from services.generate.domain.guardrails.sentences import Sentences, all_of
from services.generate.domain.guardrails.speech import speech

SIZE = 1_000_000
HOSTILE = (
    "a", "1", " ", "\n", ".", "。", "A ", "Ab ", "we ", "we will ", "you ", "your ", "1,000", "1-",
    "1 1 ", "- ",
    "<", "<a", "[", "![", "[a](", "{{", "@", "a@", "a.", "a-", "http://", "one ", "twenty ",
    "hundred ", "一", "十百",
    "百分之", "“", "\"", "《", "三天", "our ", "refund ", "我们", "我们会", "您", "已为您", "不",
    "免", "\u200b", "e\u0301",
    "Mon ", "3/", "11月", "8:", "not ", "if ", "ignore ", "的", "请", "a_", "0x", "%", "+1 ",
    "(1) ", "ａ", "how ", "is your ",
)  # fmt: skip
GROUNDS = Grounds(passages=("7 days, 三天",), ticket=("20 yuan",))
NOTHING: frozenset[str] = frozenset()


def _count(found: Iterator[object]) -> int:
    return sum(1 for _, _found in zip(range(100), found, strict=False))


CHECKS: dict[str, Callable[[str, Sentences], object]] = {
    "plain": lambda text, _: plain(text),
    "sentences": lambda text, _: all_of([text]),
    "hidden": lambda text, _: _count(hidden(text)),
    "markup": lambda text, _: _count(markup(text)),
    "facts": lambda text, sentences: _count(Grounding(GROUNDS).violations(text, sentences)),
    "promises": lambda text, sentences: _count(promises(text, sentences, NOTHING, ())),
    "speech": lambda text, sentences: _count(speech(text, sentences, NOTHING, NOTHING)),
    "names": lambda text, sentences: _count(Names(GROUNDS).violations(text, sentences, "en")),
    "language": lambda text, sentences: _count(wrong_language(text, sentences, "en", NOTHING)),
    "instructions": lambda text, _: is_to_a_machine(text),
}


LOOKED_AT = 30_000
"""Characters for the checks one by one, more than any letter has."""
PER_CHARACTER = 25e-6
"""Seconds; a check whose time grew with the square of the length would need ten times that here."""


@pytest.mark.parametrize("check", CHECKS)
def test_no_check_grows_faster_than_the_text(check: str) -> None:
    slow = {}
    for piece in HOSTILE:
        text = piece * (LOOKED_AT // len(piece))
        sentences = Sentences(text)
        begin = process_time()
        CHECKS[check](text, sentences)
        if (seconds := process_time() - begin) > PER_CHARACTER * LOOKED_AT:
            slow[piece] = round(seconds, 2)
    assert not slow


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_takes_less_than_a_second(piece: str) -> None:
    text = piece * (SIZE // len(piece))
    begin = process_time()
    found = violations(text, GROUNDS, language="en", longest=4000)
    assert process_time() - begin < 1
    assert found


@pytest.mark.parametrize("piece", ["1-", "3/", "a-", "8:", "三天", "we will ", "<!-- "])
def test_a_message_as_long_as_ingest_lets_in_takes_a_moment(piece: str) -> None:
    """Text, files and history; they are masked and cut to 64 KiB each before they come here."""
    grounds = Grounds(passages=("7 days",), ticket=(piece * (64 * 1024 // len(piece)),) * 4)
    begin = process_time()
    violations("It takes 7 days.", grounds, language="en", longest=4000)
    assert process_time() - begin < 2
