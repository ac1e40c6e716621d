"""Every check is linear in texts made to hurt; what is too long to be sent is not read."""

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


SHORT, TIMES = 8_000, 4
"""Characters, and how many times longer the other text is: a check whose time grows with the square
of the length takes 16 times as long there, one that reads every character once 4 times."""
MOST_GROWTH = 9
NOTICED = 0.02
"""Seconds below which a clock tells nothing."""
LOOKS = 5
"""Once too slow may be a busy machine; what grows too fast is too slow at every look."""


def seconds(work: Callable[[str], object], text: str) -> float:
    """Of this process alone; the better of two, for others use the processor, too."""
    return min(once(work, text), once(work, text))


def once(work: Callable[[str], object], text: str) -> float:
    begin = process_time()
    work(text)
    return process_time() - begin


def grows_too_fast(work: Callable[[str], object], piece: str) -> bool:
    """The long text is read again only where it took too long before."""
    text = piece * (SHORT // len(piece))

    def is_too_long(long: float) -> bool:
        return long > NOTICED and long > MOST_GROWTH * seconds(work, text)

    return all(is_too_long(once(work, text * TIMES)) for _ in range(LOOKS))


@pytest.mark.parametrize("check", CHECKS)
def test_no_check_grows_faster_than_the_text(check: str) -> None:
    work = CHECKS[check]
    slow = [
        piece
        for piece in HOSTILE
        if grows_too_fast(lambda text: work(text, Sentences(text)), piece)
    ]
    assert not slow


@pytest.mark.parametrize("piece", HOSTILE)
def test_what_is_too_long_to_be_sent_is_read_to_there_only(piece: str) -> None:
    def check(text: str) -> None:
        assert violations(text, GROUNDS, language="en", longest=4000)

    def is_read_to_there() -> bool:
        allowed = seconds(check, piece * (SHORT // len(piece)))
        return seconds(check, piece * (SIZE // len(piece))) < 3 * allowed + NOTICED

    assert any(is_read_to_there() for _ in range(LOOKS))


@pytest.mark.parametrize("piece", ["1-", "3/", "a-", "8:", "三天", "we will ", "<!-- "])
def test_the_time_for_a_long_ticket_grows_with_its_length(piece: str) -> None:
    def check(ticket: str) -> None:
        grounds = Grounds(passages=("7 days",), ticket=(ticket,) * 4)
        violations("It takes 7 days.", grounds, language="en", longest=4000)

    assert not grows_too_fast(check, piece)
