"""What counts as a signature, and what does not."""

import pytest

from services.ingest.domain import markup
from services.ingest.domain.cleaning import clean_body
from services.ingest.domain.signature import parted


@pytest.mark.parametrize(
    ("written", "signature"),
    [
        ("It broke.", "Best regards,\nAnna\nHead of Things"),
        ("It broke.", "--\nAnna Bell | Acme\n+1 415 555 0100"),
        ("It broke.", "Sent from my iPhone"),
        ("坏了，怎么办", "此致\n敬礼\n小王"),
        ("坏了，怎么办", "发自我的iPhone"),
        ("First.\n\nThanks for the last time.\nIt broke again.", "Thanks!\nBo"),
    ],
)
def test_a_signature_is_told_from_the_message(written: str, signature: str) -> None:
    parts = parted(f"{written}\n\n{signature}")
    assert (parts.written, parts.quoted) == (written, signature)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks",
        "Thanks,\nAnna",
        "It broke.\nThanks",
        "It broke.\nThanks,\nwhere is order 17?",
        "It broke.\n--\nmy tracking number is SF123",
        "It broke.\n--\nand here goes on what I have to say about all of this and more",
        "one\n---\n" + "two\n" * 20,
    ],
)
def test_what_is_no_signature_stays(text: str) -> None:
    assert parted(text).quoted == ""
    assert parted(text).written == text


def test_quoted_markup_is_kept_apart_nested_too() -> None:
    html = (
        "<p>New</p><blockquote type=cite>old<blockquote type=cite>older</blockquote>old too"
        "</blockquote><p>below</p>"
    )
    body = clean_body(html, 1000)
    assert body.text == "New\n\nbelow"
    assert body.quoted.split() == ["old", "older", "old", "too"]


def test_a_mail_that_is_nothing_but_quoted_markup_is_the_message() -> None:
    body = clean_body("<div class=gmail_quote>is anybody there?</div>", 1000)
    assert (body.text, body.quoted) == ("is anybody there?", "")


def test_marks_in_markup_hide_nothing() -> None:
    assert markup.to_text("<p>a\x02b\x03c</p>").text.strip() == "abc"
