"""Placeholders: the same original, the same name, and nobody else's."""

from services.ingest.domain.personal import Found
from services.ingest.domain.placeholders import MOST_IN_A_TICKET, Book, replaced


def test_the_same_original_has_the_same_placeholder_across_the_messages_of_a_ticket() -> None:
    first = Book(str, {})
    assert first.placeholder("EMAIL", "a@b.co", "A@b.co") == "[EMAIL_1]"
    assert first.placeholder("EMAIL", "c@d.co", "c@d.co") == "[EMAIL_2]"
    assert first.placeholder("PHONE", "+1", "+1") == "[PHONE_1]"
    second = Book(str, first.entries)
    assert second.placeholder("EMAIL", "c@d.co", "C@D.co") == "[EMAIL_2]"
    assert second.placeholder("EMAIL", "e@f.co", "e@f.co") == "[EMAIL_3]"
    assert second.originals == {"[EMAIL_2]": "C@D.co", "[EMAIL_3]": "e@f.co"}


def test_a_flood_of_originals_is_bounded_and_still_taken_out() -> None:
    book = Book(str, {})
    names = [book.placeholder("EMAIL", f"{n}@b.co", f"{n}@b.co") for n in range(1100)]
    assert names[MOST_IN_A_TICKET - 1] == f"[EMAIL_{MOST_IN_A_TICKET}]"
    assert set(names[MOST_IN_A_TICKET:]) == {"[EMAIL]"}
    assert len(book.originals) == len(book.entries) == MOST_IN_A_TICKET


def test_what_looks_like_a_placeholder_already_is_disarmed() -> None:
    text = "I am [NAME_1] a@b.co [CARD]"
    found = [Found(14, 20, "EMAIL", "a@b.co")]
    safe = replaced(text, found, lambda item, original: f"[{item.kind}:{original}]")
    assert safe == "I am (NAME_1) [EMAIL:a@b.co] (CARD)"
