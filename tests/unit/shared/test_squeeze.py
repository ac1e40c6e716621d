"""Models read long repeats once; nothing else changes, and places can be told."""

import pytest

from shared.text import squeeze


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("sooooooo good", "sooo good"),
        ("哈哈哈哈哈哈哈", "哈哈哈"),
        ("hahahahahaha", "hahaha"),
        ("why!!!!!!!!?", "why!!!?"),
        ("😀😀😀😀😀", "😀😀😀"),
        ("order 10000000", "order 10000000"),
        ("good book", "good book"),
        ("", ""),
    ],
)
def test_runs_are_cut_to_three(text: str, read: str) -> None:
    assert squeeze(text).text == read


def test_places_lead_back_into_the_whole_text() -> None:
    text = "noooooo refund!!!!!!"
    squeezed = squeeze(text)
    start = squeezed.text.index("refund")
    whole = text[squeezed.offsets[start] : squeezed.offsets[start + 6]]
    assert whole == "refund"
    assert squeezed.offsets[len(squeezed.text)] == len(text)
