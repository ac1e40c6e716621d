"""Names in plain words: distinctive words by hand, and texts that name nobody."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.feedback.domain.insight.message import Message
from services.feedback.domain.insight.naming import names_of
from services.feedback.domain.insight.texts import (
    cut,
    is_personal,
    sentences,
    shown,
    without_greeting,
)
from services.feedback.domain.insight.words import Vocabulary, distinctive, key_words
from tests.unit.feedback.insight_messages import messages, of_theme

ALL = messages()


def said(*texts: str, language: str = "en") -> list[Message]:
    return [
        replace(
            ALL[0],
            ticket_id=str(n),
            customer_key=str(n),
            text=text,
            words=tuple(dict.fromkeys(text.lower().strip("?!.").split())),
            language=language,
        )
        for n, text in enumerate(texts)
    ]


def test_the_log_odds_by_hand() -> None:
    # Of 20 words 4 are "locker", all in the group of 10; prior 100 words, 4/20 of them "locker".
    group = Vocabulary(Counter(locker=4, code=6), 10)
    everything = Vocabulary(Counter(locker=4, code=16), 20)
    inside = math.log((4 + 20) / (10 + 100 - 24))
    outside = math.log((0 + 20) / (10 + 100 - 20))
    expected = (inside - outside) / math.sqrt(1 / 24 + 1 / 20)
    assert distinctive("locker", group, everything) == pytest.approx(expected)
    assert distinctive("locker", group, everything) > 0 > distinctive("code", group, everything)


@pytest.mark.parametrize(
    ("language", "planted"), [("en", {"locker", "code"}), ("zh", {"取件", "快递"})]
)
def test_the_planted_words_come_first(language: str, planted: set[str]) -> None:
    told = [message for message in ALL if message.language == language]
    words = key_words(of_theme(told, "locker"), Vocabulary.of(told), 3)
    assert planted & set(words[:2])


def test_a_word_of_one_person_is_no_key_word() -> None:
    group = [*said("locker kowalski", "locker shut", "locker shut")]
    group += [replace(m, customer_key="0") for m in said("kowalski locker", "kowalski locker")]
    everything = Vocabulary.of([*group, *ALL])
    words = key_words(group, everything, 9)
    assert "locker" in words
    assert "kowalski" not in words


def test_numbers_and_single_characters_are_no_key_words() -> None:
    group = said(*["x 20231105 locker"] * 4)
    assert key_words(group, Vocabulary.of([*group, *ALL]), 9) == ("locker",)


def name_of(group: Sequence[Message]) -> str:
    everything = Vocabulary.of([*group, *(m for m in ALL if m.language == "en")])
    return names_of(group, {"en": everything})["en"].sentence


def test_a_name_is_the_sentence_that_tells_most() -> None:
    told = said(
        "Hi. I have been a customer for years. The locker code is wrong!",
        "locker code wrong",
        "the locker code is refused",
    )
    assert name_of(told) == "The locker code is wrong!"


def test_of_equal_sentences_the_one_without_personal_data_is_the_name() -> None:
    told = said("[NAME_1] has a locker code", "my locker code is shut", "locker code")
    assert name_of(told) == "my locker code is shut"


def test_each_language_has_a_name_and_the_larger_comes_first() -> None:
    group = of_theme(ALL, "locker")
    vocabularies = {
        language: Vocabulary.of(m for m in ALL if m.language == language)
        for language in ("zh", "en")
    }
    more_english = [m for m in group if m.language == "en"] + [
        m for m in group if m.language == "zh"
    ][:2]
    names = names_of(more_english[::-1], vocabularies)
    assert list(names) == ["en", "zh"]
    assert "locker" in names["en"].sentence.lower()
    assert "取件" in names["zh"].sentence


def test_what_is_shown_names_nobody() -> None:
    text = "I am [NAME_1],\nbob.smith@example.org, +44 7700 900123, order 20231105"
    assert shown(text) == "I am [name], …, …, order …"
    assert is_personal("call 13800138000")
    assert is_personal("dear [NAME_2]")
    assert not is_personal("up to 24 hours, 2 to 4 days")


def test_cut_at_a_word_and_chinese_twice_as_wide() -> None:
    assert cut("the parcel locker is shut", 18) == "the parcel locker…"
    assert cut("快递柜打不开", 8) == "快递柜打…"
    assert cut("short", 8) == "short"


def test_sentences_of_both_languages() -> None:
    assert sentences("It is 2.5 kg. Is it? Yes!") == ["It is 2.5 kg.", "Is it?", "Yes!"]
    assert sentences("打不开。为什么？\n急") == ["打不开。", "为什么？", "急"]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Hello. Hi there, where is it?", "where is it?"),
        ("您好，请问一下，在哪里", "在哪里"),
        ("Hello", "Hello"),
        ("history of my orders", "history of my orders"),
    ],
)
def test_greetings_are_no_part_of_a_name(text: str, rest: str) -> None:
    assert without_greeting(text) == rest
