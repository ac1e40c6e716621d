"""A message as a whole: what goes on, what is sealed, what is remembered, what is noted."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.domain import identity
from services.ingest.domain.reading import File, Read, Rules, scrubbed
from services.ingest.domain.threads import MOST_REMEMBERED, Said, Thread
from shared.words import MOST_WORDS

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Reading = Callable[..., Read]
OWN = {"NAME": "李雷", "EMAIL": "Lei@Example.com", "PHONE": "138 1234 5678"}


def said(turn: int) -> Said:
    return Said(turn, f"message {turn}", NOON)


def test_personal_data_goes_from_every_field_into_the_seal(reading: Reading) -> None:
    result = reading(
        "我是李雷，电话13812345678，邮箱lei@example.com或x@y.cn，卡4111 1111 1111 1111",
        subject="李雷 x@y.cn",
        own=OWN,
        metadata={"agent": "x@y.cn", "order": "20231105"},
    )
    assert result.text == "我是[NAME_1],电话[PHONE_1],邮箱[EMAIL_1]或[EMAIL_2],卡[CARD_1]"
    assert result.subject == "[NAME_1] [EMAIL_2]"
    assert result.metadata == {"agent": "[EMAIL_2]", "order": "20231105"}
    assert result.originals == {
        "[NAME_1]": "李雷",
        "[EMAIL_1]": "Lei@Example.com",
        "[PHONE_1]": "138 1234 5678",
        "[EMAIL_2]": "x@y.cn",
        "[CARD_1]": "4111 1111 1111 1111",
    }


def test_follow_up_keeps_the_placeholders_of_its_ticket(reading: Reading) -> None:
    first = reading("mail a@b.co or c@d.co")
    thread = Thread().with_message("m1", first.language, first.placeholders, said(1))
    second = reading("C@D.co please, not e@f.co", thread=thread)
    assert second.text == "[EMAIL_2] please, not [EMAIL_3]"
    assert second.originals == {"[EMAIL_2]": "C@D.co", "[EMAIL_3]": "e@f.co"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(before=st.text(max_size=40), after=st.text(max_size=40))
def test_an_address_never_goes_on_whatever_stands_around_it(
    reading: Reading, before: str, after: str
) -> None:
    result = reading(f"{before} lei@example.com {after}")
    assert "lei@example.com" not in json.dumps([result.text, result.subject, result.metadata])


def test_a_time_far_ahead_is_replaced_and_noted(reading: Reading) -> None:
    ahead = reading("hi", created_at=NOON + timedelta(days=2))
    assert (ahead.created_at, ahead.flags) == (NOON, ("created_at_in_future",))
    soon = NOON + timedelta(hours=20)
    assert reading("hi", created_at=soon).created_at == soon
    assert reading("hi").created_at == NOON


def test_nothing_to_read_is_noted_and_no_error(reading: Reading) -> None:
    assert reading("<p>&nbsp;</p>\u200b").flags == ("nothing_to_read",)
    assert reading("", subject="Where is it?").flags == ()
    assert reading("", files=(File("https://files.example/1.png"),)).flags == (
        "attachments_not_read",
        "nothing_to_read",
    )


def test_what_files_say_goes_on_without_personal_data(reading: Reading) -> None:
    file = File("https://files.example/1.html", "<p>call 13812345678</p>")
    result = reading("see the file", files=(file,))
    assert (result.text, result.flags) == ("see the file", ())
    assert result.files[0].text == "call [PHONE_1]"
    alone = reading("", files=(file, File("https://files.example/2.png")))
    assert alone.text == "call [PHONE_1]"
    assert alone.flags == ("attachments_not_read", "text_from_attachments")
    empty = reading("", files=(File("https://files.example/1.txt", " "),))
    assert empty.flags == ("nothing_to_read",)


def test_an_attachments_address_that_tells_of_somebody_goes_on_without(reading: Reading) -> None:
    plain = "https://files.example/scan%20of%20label.png?size=20"
    told = ("https://files.example/Emma%20Carver.png", "https://files.example/?a%40mail.example")
    result = reading("hi", files=tuple(map(File, (plain, *told))), own={"NAME": "Emma Carver"})
    urls = [file.url for file in result.files]
    assert urls[:2] == [plain, "https://files.example/[NAME_1].png"]
    assert "[EMAIL_1]" in urls[2]
    assert "mail.example" not in urls[2]
    assert "a@mail.example" in result.originals["[EMAIL_1]"]


def test_what_is_too_long_is_cut_and_noted(reading: Reading, rules: Rules) -> None:
    result = reading(
        "word " * rules.longest_text,
        subject="s " * 2000,
        metadata={str(number): "x" * 100 for number in range(1000)},
    )
    assert set(result.flags) == {"body_truncated", "subject_truncated", "metadata_truncated"}
    assert len(result.text) <= rules.longest_text
    assert 0 < len(result.metadata) < 200


def test_reports_lose_personal_data_for_good(rules: Rules) -> None:
    text = "Call 13812345678 or a@b.co, card 4111111111111111, order 20231105 [NAME_1]"
    assert scrubbed(text, rules) == "Call [PHONE] or [EMAIL], card [CARD], order 20231105 (NAME_1)"
    assert scrubbed(None, rules) is None


HOSTILE = (
    *("a", "@", "a@", "a@a.", "1", "1 ", "12 ", "123-", "1,", "0.", "$1,", "<", "<div>", "&amp;"),
    *(">\n", "On ", "from:\n", "-", " \n", "\u200b\n", "13812345678 ", "[A", "call me ", "(+"),
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_cost_is_bounded_whatever_is_repeated(reading: Reading, unit: str) -> None:
    """A megabyte of each; anything worse than linear would take minutes or hours."""
    result = reading(unit * (2**20 // len(unit)))
    assert len(result.text) < 2**20


def test_turns_count_on_and_are_told_again() -> None:
    thread = Thread()
    for number in range(1, 301):
        assert thread.turn_of(f"m{number}") == number
        thread = thread.with_message(f"m{number}", "en", {}, said(number))
    assert [thread.turn_of(f"m{number}") for number in (300, 299, 201)] == [300, 299, 201]
    assert thread.with_message("m300", "zh", {"x": "y"}, said(301)) == thread
    assert len(thread.recent) == MOST_REMEMBERED


def test_the_last_messages_before_a_turn_are_told() -> None:
    thread = Thread()
    assert thread.before(1) == ()
    for number in range(1, 21):
        thread = thread.with_message(f"m{number}", "en", {}, said(number))
    assert [past.turn for past in thread.before(21)] == [17, 18, 19, 20]
    assert [past.turn for past in thread.before(20)] == [16, 17, 18, 19]


def test_history_and_signature_are_kept_apart_without_personal_data(reading: Reading) -> None:
    result = reading(
        "Where is order 20231105?\n\nKind regards,\nLi Lei\n+86 138 1234 5678\n\n"
        "On Mon, Nov 23, 2026, a@b.co wrote:\n> please tell us the number, lei@example.com",
        own={"NAME": "Li Lei", "EMAIL": "lei@example.com"},
    )
    assert result.text == "Where is order 20231105?"
    assert result.signature == "Kind regards,\n[NAME_1]\n[PHONE_1]"
    assert result.quoted is not None
    assert result.quoted.endswith("> please tell us the number, [EMAIL_1]")
    assert "a@b.co" not in result.quoted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我的订单还没到，请问什么时候发货", ("订单", "没到", "什么", "时候", "发货")),
        ("Where is my ORDER SF-1234567?", ("order", "sf-1234567")),
        ("我的order还没到 a@b.co", ("order", "没到")),
        ("refund, refund: the refund!", ("refund",)),
        ("don't cancel", ("don't", "cancel")),
        ("???", ()),
    ],
)
def test_words_for_search(reading: Reading, text: str, expected: tuple[str, ...]) -> None:
    assert reading(text).words == expected


def test_words_of_a_flood_are_bounded(reading: Reading) -> None:
    assert len(reading(" ".join(f"w{number}" for number in range(9_000))).words) == MOST_WORDS


def test_a_message_without_id_is_known_by_what_and_when_it_was_written() -> None:
    def message_id(body: str, **fields: object) -> str:
        created_at = fields.get("created_at", NOON)
        content = identity.content(str, "t", None, body, [])
        return identity.message_id(None, content, created_at)  # type: ignore[arg-type]

    other_zone = NOON.astimezone(tz=None)
    assert message_id("hi") == message_id("hi", created_at=other_zone)
    assert message_id("hi") != message_id("ho")
    assert message_id("hi") != message_id("hi", created_at=NOON + timedelta(seconds=1))
    assert message_id("hi") != message_id("hi", created_at=None)
    assert identity.message_id("m1", "whatever", NOON) == "m1"
