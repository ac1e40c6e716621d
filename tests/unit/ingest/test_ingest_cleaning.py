"""What is left of a message: what its writer wrote, as its reader would see it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain import markup
from services.ingest.domain.cleaning import clean_body, clean_line, cut, tidy

LIMIT = 64 * 1024


def body(raw: str) -> str:
    return clean_body(raw, LIMIT).text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("schÃ¶n, donâ€™t", "schön, don't"),
        ("ＡＢＣ１２３，ok", "ABC123,ok"),
        ("a\u200bb\ufeffc\u00add\u202ee\x00f", "abcdef"),
        ("  too   many \t spaces \r\n\r\n\r\n\r\n here ", "too many spaces\n\nhere"),
        ("family 👨‍👩‍👧 love ❤️ 🇨🇳", "family 👨‍👩‍👧 love ❤️ 🇨🇳"),
        ("می‌خواهم", "می‌خواهم"),
        ("hid\u200dden", "hidden"),
        ("tagged\U000e0041\U000e0042", "tagged"),
        ("我的訂單還沒到", "我的訂單還沒到"),
    ],
)
def test_unicode_is_repaired_and_what_cannot_be_seen_is_gone(raw: str, text: str) -> None:
    assert body(raw) == text


@given(st.text())
def test_nothing_invisible_and_no_run_of_spaces_is_left(text: str) -> None:
    tidied = tidy(text)
    assert not set(tidied) & set("\x00\u200b\ufeff\u202e\r\u00ad")
    assert not re.search(r"[^\S\n]{2}| \n|\n |\n{3}", tidied)
    assert tidied == tidied.strip()


def test_markup_becomes_lines_without_what_nobody_reads() -> None:
    raw = (
        "<html><head><title>t</title><style>p{}</style></head><body><script>evil()</script>"
        "<p>Hello&nbsp;<b>there</b>,</p><div>my order<br>is <i>late</i> &amp; wet &lt;3</div>"
        '<table><tr><td>No</td><td>17</td></tr></table><ul><li>a<li>b</ul><img alt="😀" src="x">'
    )
    assert body(raw) == "Hello there,\n\nmy order\nis late & wet <3\n\nNo 17\n\na\n\nb\n\n😀"


@pytest.mark.parametrize(
    "text", ["a < b and c > d", "<order 17>", "I <3 you", "x<y", "<a@b.de> wrote", "3 <b"]
)
def test_what_only_looks_like_markup_stays(text: str) -> None:
    assert not markup.is_markup(text)
    assert body(text) == text


def test_quoted_part_of_a_html_mail_is_dropped() -> None:
    raw = '<div>Still broken.</div><div class="gmail_quote">On Monday X wrote: old</div>'
    assert body(raw) == "Still broken."


@pytest.mark.parametrize(
    "history",
    [
        "On Mon, 2 Nov 2026 at 10:00, Ann <ann@shop.example> wrote:\n> old\n> older",
        "On Mon, 2 Nov 2026 at 10:00, Ann\n<ann@shop.example> wrote:\n\nold",
        "-----Original Message-----\nFrom: Ann\nold",
        "---------- Forwarded message ---------\nold",
        "From: Ann <ann@shop.example>\nSent: Monday\nTo: me\nSubject: x\n\nold",
        "发件人：客服 <help@shop.example>\n发送时间：2026年11月2日\n收件人：我\n主题：回复\n\n旧",
        "在 2026年11月2日 10:00，客服 写道：\n> 旧",
        "------------------ 原始邮件 ------------------\n旧",
        "> quoted only",
    ],
)
def test_quoted_history_is_cut(history: str) -> None:
    assert body(f"Still not here.\n还没到。\n\n{history}") == "Still not here.\n还没到。"


def test_answer_below_its_quotation_stays() -> None:
    raw = "On Monday Ann wrote:\n> Which order?\n\nNumber 17.\n> And when?\nYesterday."
    assert body(raw) == "Number 17.\nYesterday."


def test_mail_that_is_all_history_stays_whole() -> None:
    raw = "-----Original Message-----\nMy parcel is lost."
    assert "My parcel is lost." in body(raw)


@pytest.mark.parametrize(
    "raw", ["From: Berlin to Munich is late", "时间:下午三点", "I wrote: hello", "Date: tomorrow"]
)
def test_ordinary_lines_are_no_history(raw: str) -> None:
    assert body(f"Hello.\n{raw}\nbye") == f"Hello.\n{raw}\nbye"


def test_long_text_is_cut_between_words_and_says_so() -> None:
    cleaned = clean_body("word " * 100, 22)
    assert (cleaned.text, cleaned.truncated) == ("word word word word", True)


@pytest.mark.parametrize("number", ["4111 1111 1111 1111", "13812345678", "ann@shop.example"])
@pytest.mark.parametrize("reach", range(1, 16))
def test_cut_never_leaves_half_of_a_number_or_address(number: str, reach: int) -> None:
    text = f"my thing is {number} ok"
    left = cut(text, len("my thing is ") + reach).text
    assert left == "my thing is" or number in left


def test_subject_is_one_line() -> None:
    assert clean_line(" Re: <b>late</b>\n\n order ", 100).text == "Re: late order"
