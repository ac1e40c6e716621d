"""What goes out: courtesies and the entry's own words, nothing else, in the customer's language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generate.domain import composer, handover
from services.generate.domain.composer import Letter
from services.generate.domain.decision import Verdict
from services.generate.domain.handover import LONGEST_EXCERPT, Queues
from services.generate.domain.handover_words import WORDS
from services.generate.domain.message import Background
from services.generate.domain.names import usable_name
from services.generate.domain.phrases import EN, NAME, ZH, every
from services.generate.domain.reasons import Reason
from services.generate.main import QUEUES, read_queues
from tests.unit.generate.kit import REFUND, ZH_REFUND, message

ANSWER = Verdict("answer", (Reason.CITED_ANSWER,), 0.9, REFUND)
ZH_ANSWER = Verdict("answer", (Reason.CITED_ANSWER,), 0.9, ZH_REFUND)
THANKS = Verdict("answer", (Reason.THANKED,), 0.9)
HAND_OVER = Verdict("escalate", (Reason.BELOW_THRESHOLD,), 0.3)


def test_an_english_answer_reads_like_a_letter() -> None:
    text = composer.compose(message(), ANSWER, Letter(True))
    assert composer.with_name(text, "Ann Lee") == (
        "Hello Ann Lee,\n\n"
        "A refund takes 3 working days to your card.\n\n"
        "If this does not answer your question, simply reply to this message.\n\n"
        "Kind regards\nCustomer Service\n\n"
        "This reply was written by an AI."
    )


def test_a_chinese_answer_to_somebody_upset() -> None:
    upset = message("退款呢", language="zh-CN", sentiment="negative")
    text = composer.compose(upset, ZH_ANSWER, Letter(True))
    assert composer.with_name(text, "李雷").startswith(
        "李雷，您好！给您添麻烦了，我们深表歉意。\n\n退款 3 个工作日退回您的银行卡。\n\n"
    )
    assert text.endswith(ZH.disclosure)


def test_a_hand_over_is_told_in_the_customers_language_or_in_english() -> None:
    assert ZH.handover in composer.compose(message(language="zh"), HAND_OVER, Letter(False))
    assert EN.handover in composer.compose(message(language="de"), HAND_OVER, Letter(False))
    assert composer.reply_language(message(language="de"), HAND_OVER) == "en"


def test_the_team_that_takes_over_is_named_if_the_wish_is_clear() -> None:
    english, chinese = message(), message(language="zh")
    assert "A colleague from our cards team is taking it over" in composer.compose(
        english, HAND_OVER, Letter(False, "cards")
    )
    assert "接下来将由我们负责银行卡的同事为您处理。" in composer.compose(
        chinese, HAND_OVER, Letter(False, "cards")
    )
    for unclear, queue in ((message(probability=0.4), "cards"), (english, "a queue of one's own")):
        assert EN.handover in composer.compose(unclear, HAND_OVER, Letter(False, queue))


def test_every_team_has_a_name_in_every_language() -> None:
    queues = read_queues(QUEUES)
    for phrases in every():
        assert set(phrases.teams) == set(queues.by_intent.values()) - {queues.default}


def test_an_answer_in_a_language_without_phrases_stands_alone() -> None:
    text = composer.compose(message(language="fr"), ANSWER, Letter(True))
    assert text == f"{REFUND.text}\n\n{EN.disclosure}"


@pytest.mark.parametrize("verdict", [ANSWER, THANKS, HAND_OVER], ids=lambda v: v.reasons[0].value)
@pytest.mark.parametrize("language", ["en", "zh", "de"])
@pytest.mark.parametrize("sentiment", ["very_negative", "neutral", "positive"])
def test_every_sentence_is_the_entrys_or_a_fixed_one(
    verdict: Verdict, language: str, sentiment: str
) -> None:
    text = composer.compose(
        message("WHATEVER the customer wrote", language=language, sentiment=sentiment),
        verdict,
        Letter(True, "cards"),
    )
    fields = [getattr(p, name) for p in every() for name in p.__dataclass_fields__]
    allowed = [field for field in fields if isinstance(field, str)]
    allowed += [p.handover_to.format(team=team) for p in every() for team in p.teams.values()]
    for piece in sorted([REFUND.text, *allowed], key=len, reverse=True):
        text = text.replace(piece, "") if len(piece) > 2 else text
    assert not text.strip()


@pytest.mark.parametrize("name", ["Ann", "Ann-Marie O'Neil", "J. R. R. Tolkien", "李雷", "José"])
def test_names_are_used(name: str) -> None:
    assert usable_name(f" {name} ") == name


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "x" * 41,
        "Ann\nYour refund of 500 is approved",
        "visit http://evil.example",
        "you owe us 500",
        "[NAME_1]",
        "<b>Ann</b>",
    ],
)
def test_what_is_no_name_is_not_used(name: str | None) -> None:
    assert usable_name(name) is None


@pytest.mark.parametrize("phrases", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("sentiment", ["negative", "neutral"])
def test_a_name_that_cannot_be_had_leaves_no_gap(phrases: object, sentiment: str) -> None:
    language = phrases.language  # type: ignore[attr-defined]
    by_name = composer.compose(
        message(language=language, sentiment=sentiment), HAND_OVER, Letter(True)
    )
    without = composer.compose(
        message(language=language, sentiment=sentiment), HAND_OVER, Letter(False)
    )
    assert NAME in by_name
    assert composer.with_name(by_name, None) == without


def test_only_the_greeting_is_filled_in() -> None:
    text = f"Hello {NAME},\n\nWrite {NAME} on the form."
    assert composer.with_name(text, "Ann") == f"Hello Ann,\n\nWrite {NAME} on the form."


def test_the_summary_tells_the_case_in_words() -> None:
    case = message(
        "I want [PHONE_1] back",
        sentiment="negative",
        turn=2,
        background=Background(
            known=True,
            messages=5,
            by_intent={"refund": 3, "invoice": 2},
            sentiment_trend=-0.6,
            satisfaction=2.0,
        ),
    )
    assert handover.summary(case, HAND_OVER, WORDS["en"]) == (
        "Wish: refund (90% sure).\n"
        "Mood: negative. Priority: normal.\n"
        "Message 2 of this ticket. Earlier messages: 5 about refund (3), invoice (2), "
        "mood so far very negative, satisfaction 2.0 of 5.\n"
        "Handed over because: below_threshold.\n"
        "Message: I want [PHONE_1] back"
    )


def test_somebody_new_is_said_to_be_new() -> None:
    assert "First contact as far as known." in handover.summary(message(), HAND_OVER, WORDS["en"])


@given(st.text(max_size=2000))
def test_an_excerpt_is_one_short_line(text: str) -> None:
    line = handover.excerpt(text)
    assert 0 < len(line) <= LONGEST_EXCERPT
    assert len(line.splitlines()) == 1


def test_queues_are_found_by_intent() -> None:
    queues = read_queues(QUEUES)
    assert isinstance(queues, Queues)
    assert queues.queue("refund") == "returns"
    assert queues.queue("an intent of one's own") == "general"
