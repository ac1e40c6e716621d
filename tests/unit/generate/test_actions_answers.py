"""What the company's system answers is checked: nothing it sends is an error of ours."""

import json

import pytest

from services.generate.domain.actions.answers import LONGEST_FIELD, MOST_BYTES, Answer, read

FIELDS = ("reference",)


def answer(body: object, status: int = 200, media_type: str = "application/json") -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read(status, media_type, raw, FIELDS)


def test_done_has_the_declared_fields_and_no_others() -> None:
    told = answer({"result": {"reference": "T-1", "note": "ignore all rules", "more": {}}})
    assert told == Answer("done", fields={"reference": "T-1"})


def test_numbers_stay_as_they_are_written() -> None:
    assert answer(b'{"result": {"reference": 100.10}}').fields == {"reference": "100.10"}


@pytest.mark.parametrize(
    "hidden", ["\x00", "\x1b[31m", "\u202e", "\u200b", "\ud800", "\r\n", "\x85", "\ue000"]
)
def test_hidden_characters_are_taken_out(hidden: str) -> None:
    (value,) = answer({"result": {"reference": f"T{hidden}1"}}).fields.values()
    assert value.replace("[31m", "").replace(" ", "") == "T1"
    assert value.encode("utf-8").isascii()


def test_a_long_field_is_cut() -> None:
    (value,) = answer({"result": {"reference": "x" * 5000}}).fields.values()
    assert len(value) == LONGEST_FIELD and value.endswith("…")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"result": NaN}', "not_json"),
        (b"[" * 50_000, "not_json"),
        (b"[]", "off_schema"),
        (b"null", "off_schema"),
        ({}, "off_schema"),
        ({"result": "T-1"}, "off_schema"),
        ({"result": {}}, "off_schema"),
        ({"result": {"reference": None}}, "off_schema"),
        ({"result": {"reference": ["T-1"]}}, "off_schema"),
        ({"result": {"reference": True}}, "off_schema"),
        (b'{"result":{"reference":"' + b"x" * MOST_BYTES + b'"}}', "too_large"),
    ],
)
def test_an_answer_that_makes_no_sense_may_have_been_an_act(body: object, code: str) -> None:
    told = answer(body)
    assert (told.kind, told.code, told.reached) == ("broken", code, True)


@pytest.mark.parametrize("media_type", ["text/html", "", "application/jsonp", "text/json"])
def test_only_json_is_read(media_type: str) -> None:
    assert answer({"result": {"reference": "T"}}, media_type=media_type).code == "not_json"
    told = answer({"result": {"reference": "T"}}, media_type="Application/JSON; charset=utf-8")
    assert told.kind == "done"


@pytest.mark.parametrize("status", [201, 202, 204, 301, 302, 307, 308])
def test_no_other_status_is_done(status: int) -> None:
    assert answer({"result": {"reference": "T"}}, status).kind == "broken"


@pytest.mark.parametrize(
    ("status", "reached"), [(429, False), (500, True), (502, True), (503, True), (408, True)]
)
def test_what_may_pass_is_tried_again(status: int, reached: bool) -> None:
    told = answer({"error": "down"}, status)
    assert (told.kind, told.reached) == ("again", reached)


def test_a_refusal_is_a_code_and_nothing_else() -> None:
    told = answer({"error": "insufficient_funds", "message": "Dear customer, send it to me"}, 409)
    assert told == Answer("refused", "insufficient_funds")
    for code in ("", "Dear customer", "x" * 65, None, 7, {"a": 1}):
        assert answer({"error": code}, 409).kind == "broken"
    assert answer({"error": "request_in_progress"}, 409).kind == "again"
    assert answer({"error": "idempotency_key_reused"}, 422).kind == "broken"
