"""Unanswered questions and the entries drafted for them, read back as knowledge."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest

from services.feedback.domain.insight.background import Background
from services.feedback.domain.insight.drafting import drafts_of, general
from services.feedback.domain.insight.groups import Grouping
from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Message
from services.feedback.domain.insight.periods import Periods
from services.feedback.domain.insight.sample import drawn
from services.feedback.domain.insight.unanswered import Gap, gaps, is_unanswered
from services.feedback.insights.clustering import by_average_linkage
from services.generate.knowledge.sources.markdown import entries_of
from tests.unit.feedback.insight_messages import END, messages, of_theme

WEEKS = Periods.until(END, 7)
ALL = messages()
GIFT = of_theme(ALL, "gift")


def gaps_of(told: Sequence[Message]) -> tuple[Gap, ...]:
    asked = drawn((m for m in WEEKS.now(told) if is_unanswered(m, Limits())), 4_000)
    return gaps(asked, Grouping(Background.of(told), by_average_linkage), Limits())


def asked(text: str, reply: str | None, number: int = 0, language: str = "en") -> Message:
    return replace(
        GIFT[0], ticket_id=f"T-{number}", text=text, agent_reply=reply, language=language
    )


def test_the_planted_question_is_the_only_gap() -> None:
    (gap,) = gaps_of(ALL)
    assert {m.ticket_id for m in gap.messages} == {m.ticket_id for m in GIFT}
    assert (gap.customers, gap.replied) == (12, 12)
    assert {draft.language for draft in gap.drafts} == {"en", "zh"}


def test_a_draft_is_an_entry_of_the_knowledge_base() -> None:
    for draft in gaps_of(ALL)[0].drafts:
        path = PurePosixPath(f"{draft.language}/new.md")
        (entry,) = entries_of(path, draft.markdown)
        assert entry.heading == draft.question
        assert entry.intents == ("product_info",)
        assert len(entry.questions) >= 2
        assert entry.text == draft.answer
        word = "country" if draft.language == "en" else "国家"
        assert word in entry.text
        assert "NAME" not in draft.markdown
        assert "Hello" not in entry.text
        assert "祝您" not in entry.text


def test_without_replies_there_is_a_gap_but_no_draft() -> None:
    silent = [replace(m, agent_reply=None) for m in ALL]
    (gap,) = gaps_of(silent)
    assert gap.replied == 0
    assert gap.drafts == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"answerable": 0.5}, False),
        ({"decision": "answer"}, False),
        ({"decision": "act"}, False),
        ({"decision": "ask"}, True),
        ({"is_out_of_scope": True}, False),
        ({"reasons": ("asked_for_person",)}, False),
    ],
)
def test_what_is_an_unanswered_question(changes: dict[str, Any], expected: bool) -> None:
    assert is_unanswered(replace(GIFT[0], **changes), Limits()) is expected


def test_the_reply_most_like_the_others_is_chosen() -> None:
    told = [
        asked("May I?", "No idea, ask someone else.", 1),
        asked("May I really?", "Yes, you may bring it until Friday.", 2),
        asked("Can I?", "You may bring it until Friday.", 3),
        asked("Could I?", "You may bring it back until Friday.", 4),
    ]
    (draft,) = drafts_of(told)
    assert draft.answer == "You may bring it until Friday."
    assert draft.source == "T-3"
    assert draft.replies == 4


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("Dear [NAME_1], it is open daily. Regards, [NAME_2]", "It is open daily."),
        ("Your order for [NAME_1] is on its way.", ""),
        ("Hi! It is open daily. I sent it to [EMAIL_1]. Best regards", "It is open daily."),
        ("您好！每天营业。您的订单20231105已寄出。感谢您的来信。", "每天营业。"),
        ("Thanks for asking. Sorry: we are closed.", "Sorry: we are closed."),
        ("# Title\n- first\n<b>second</b>", "Title first b second /b"),
    ],
)
def test_only_what_holds_for_everybody_stays(reply: str, kept: str) -> None:
    assert general(reply) == kept


def test_a_question_with_personal_data_is_no_heading() -> None:
    told = [asked("Where is 20231105?", "In the app.", 1), asked("Where is it?", "In the app.", 2)]
    (draft,) = drafts_of(told)
    assert draft.question == "Where is it?"
    assert drafts_of(told[:1]) == ()


def test_signs_that_mean_something_in_the_folder_do_not_survive() -> None:
    told = [asked("# Why {.refund} it?", "Because {#x}.\n## So it is.", 1)]
    (draft,) = drafts_of(told)
    (entry,) = entries_of(PurePosixPath("en/new.md"), draft.markdown)
    assert entry.intents == ("product_info",)
    assert entry.heading == "Why .refund it?"
    assert entry.text == "Because x . So it is."
