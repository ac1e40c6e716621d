"""Documents become entries: one per heading with text, named, and in a known language."""

from datetime import date
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generate.knowledge.sources.markdown import entries_of
from services.generate.knowledge.sources.sections import slug_of
from services.generate.knowledge.sources.unreadable import UnreadableDocument

SHOP = PurePosixPath("en/shop.md")


def test_every_heading_with_text_becomes_an_entry() -> None:
    content = (
        "# The shop\n\n## Delivery {#delivery-time}\n\nTwo days.\n\n## Refunds\n\nThree days.\n"
    )
    delivery, refunds = entries_of(SHOP, content)
    assert (delivery.id, delivery.heading) == ("en/shop.md#delivery-time", "Delivery")
    assert (delivery.text, delivery.language) == ("Two days.", "en")
    assert (refunds.id, refunds.text) == ("en/shop.md#refunds", "Three days.")


def test_a_heading_may_say_which_intents_it_answers() -> None:
    (entry,) = entries_of(
        SHOP, "## Where is it? {#tracking .order_status .delivery_problem}\nHere."
    )
    assert (entry.section, entry.intents) == ("tracking", ("order_status", "delivery_problem"))


@pytest.mark.parametrize("intro", ["Also asked:", "also asked :", "也会问："])
def test_other_wordings_are_no_part_of_the_answer(intro: str) -> None:
    (entry,) = entries_of(SHOP, f"## How?\n\n{intro}\n\n- So?\n* And so?\n\nThus.\n\n- one\n")
    assert entry.questions == ("So?", "And so?")
    assert entry.asked == ("How?", "So?", "And so?")
    assert entry.text == "Thus.\n\n- one"


def test_other_wordings_alone_are_no_answer() -> None:
    assert entries_of(SHOP, "## How?\n\nAlso asked:\n- So?\n") == []


def test_a_sentence_that_only_begins_like_it_is_an_answer() -> None:
    (entry,) = entries_of(SHOP, "## How?\n\nAlso asked: nothing.\n\n- one\n")
    assert (entry.questions, entry.text) == ((), "Also asked: nothing.\n\n- one")


def test_paragraphs_and_lists_stay_as_they_are() -> None:
    (entry,) = entries_of(SHOP, "## How\n\nFirst:\n\n- one\n- **two**\n\nThen `x`.\n\n")
    assert entry.text == "First:\n\n- one\n- **two**\n\nThen `x`."


def test_a_hash_inside_code_is_no_heading() -> None:
    (entry,) = entries_of(SHOP, "## How\n```\n# comment\n```\nDone.\n")
    assert entry.text == "```\n# comment\n```\nDone."


def test_front_matter_tells_the_language() -> None:
    (entry,) = entries_of(PurePosixPath("faq.md"), "---\nlanguage: zh-Hans\n---\n## 退款\n三天。\n")
    assert (entry.id, entry.language) == ("zh-Hans/faq.md#退款", "zh")


def test_the_language_may_be_a_folder_further_up() -> None:
    (entry,) = entries_of(PurePosixPath("de/shop/faq.md"), "## Versand\nZwei Tage.\n")
    assert (entry.document, entry.language) == ("de/shop/faq.md", "de")


def test_no_language_is_said_with_the_way_out() -> None:
    with pytest.raises(UnreadableDocument, match=r"faq\.md.*language: en"):
        entries_of(PurePosixPath("faq.md"), "## A\nb\n")


def test_the_language_may_be_supposed_and_words_are_no_language() -> None:
    (entry,) = entries_of(PurePosixPath("faq/shop.md"), "## A\nb\n", "zh-CN")
    assert (entry.id, entry.language) == ("zh-CN/faq/shop.md#a", "zh")
    with pytest.raises(UnreadableDocument, match="'English' is none"):
        entries_of(SHOP, "---\nlanguage: English\n---\n## A\nb\n")


def test_the_front_matter_and_headings_tell_days_and_versions() -> None:
    content = (
        "---\ntitle: Shop\nvalid_from: 2026-01-01\nversion: '7'\n---\nWelcome.\n"
        '# Winter {#winter valid_until=2026-12-31 version="8"}\nCold.\n'
        "## Skis {.order_change}\nLong.\n## Boots {valid_from=2026-02-01 valid_until=}\nWarm.\n"
        "# Summer\nHot.\n"
    )
    entries = entries_of(SHOP, content)
    assert [(e.section, e.valid_from, e.valid_until, e.version) for e in entries] == [
        ("shop", date(2026, 1, 1), None, "7"),
        ("winter", date(2026, 1, 1), date(2026, 12, 31), "8"),
        ("skis", date(2026, 1, 1), date(2026, 12, 31), "8"),
        ("boots", date(2026, 2, 1), None, "8"),
        ("summer", date(2026, 1, 1), None, "7"),
    ]
    assert entries[2].intents == ("order_change",)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("---\nvalid_from: soon\n---\n", r"en/shop\.md: valid_from is 'soon'; write a day such as"),
        (
            "# A {valid_until=2026-02-30}\nb",
            r"en/shop\.md, section 'A': valid_until is '2026-02-30'",
        ),
        ("# A {valid_to=2026-02-01}\nb", "section 'A': valid_to is unknown; write valid_from or"),
        (
            "---\nvalid_from: 2026-02-01\n---\n# A {valid_until=2026-01-31}\nb",
            "section 'A': valid_until 2026-01-31 is before valid_from 2026-02-01",
        ),
    ],
)
def test_a_wrong_day_is_refused_with_its_place(content: str, complaint: str) -> None:
    with pytest.raises(UnreadableDocument, match=complaint):
        entries_of(SHOP, content)


def test_a_heading_of_a_megabyte_is_read() -> None:
    (entry,) = entries_of(SHOP, f"## a{' ' * 1_000_000}b {{.refund}}\nc\n")
    assert (entry.section, entry.intents) == ("a-b", ("refund",))


def test_thousands_of_equal_headings_are_read() -> None:
    entries = entries_of(SHOP, "# A\nb\n" * 10_000)
    assert entries[-1].section == "a-10000"


def test_a_slug_given_twice_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="two sections are called a"):
        entries_of(SHOP, "## One {#a}\nx\n## Two {#a}\ny\n")


def test_equal_headings_get_names_of_their_own() -> None:
    entries = entries_of(SHOP, "## Fees\nx\n## Fees\ny\n## Fees\nz\n")
    assert [entry.section for entry in entries] == ["fees", "fees-2", "fees-3"]


def test_windows_line_ends_and_byte_order_mark() -> None:
    (entry,) = entries_of(SHOP, "\ufeff## Fees\r\n\r\nNone.\r\n")
    assert (entry.heading, entry.text) == ("Fees", "None.")


@given(st.text())
def test_a_slug_is_never_empty_and_has_no_spaces(heading: str) -> None:
    slug = slug_of(heading)
    assert slug and not any(character.isspace() for character in slug)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(content: str) -> None:
    try:
        entries = entries_of(SHOP, content)
    except UnreadableDocument:
        return
    assert len({entry.id for entry in entries}) == len(entries)
    assert all(entry.text.strip() for entry in entries)
