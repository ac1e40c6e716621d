"""Rows of questions and answers become entries, and what is wrong is said with its line."""

import json
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generate.domain.entries import Entry
from services.generate.knowledge.sources import csv_pairs, jsonl_pairs
from services.generate.knowledge.sources.unreadable import UnreadableDocument

CSV = PurePosixPath("en/faq.csv")
JSONL = PurePosixPath("en/faq.jsonl")

TABLE = (
    "\ufeffid,Question,answer,lang,intents,questions,valid_from,valid_until,version,owner\r\n"
    'refund,"How long does a ""refund"" take?","Three days, usually.\r\n\r\n- by card\r\n- cash",,'
    "refund payment,Where is my money? | Still no refund ,2026-01-01,2026-12-31,3,Ann\r\n"
    ",,,,,,,,,\r\n"
    "\r\n"
    ",怎么开发票？,在订单页面点击申请发票。,zh-CN,,,,,,\r\n"
    ",Do you ship abroad?,Yes.\r\n"
)


def csv_of(*lines: str, path: PurePosixPath = CSV, language: str | None = None) -> list[Entry]:
    return csv_pairs.entries_of(path, "\n".join(lines), language)


def jsonl_of(*rows: Any, path: PurePosixPath = JSONL, language: str | None = None) -> list[Entry]:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    return jsonl_pairs.entries_of(path, "\n".join(lines), language)


def test_a_table_as_an_office_program_writes_it() -> None:
    refund, invoice, abroad = csv_pairs.entries_of(CSV, TABLE)
    assert refund == Entry(
        "en/faq.csv#refund",
        "en/faq.csv",
        "refund",
        'How long does a "refund" take?',
        "Three days, usually.\n\n- by card\n- cash",
        "en",
        ("refund", "payment"),
        ("Where is my money?", "Still no refund"),
        date(2026, 1, 1),
        date(2026, 12, 31),
        "3",
    )
    assert (invoice.id, invoice.language) == ("zh-CN/en/faq.csv#怎么开发票", "zh")
    assert (abroad.section, abroad.questions, abroad.version) == ("do-you-ship-abroad", (), "")


def test_translations_may_stand_in_one_file() -> None:
    english, chinese = csv_of(
        "id,question,answer,language",
        "fee,Is there a fee?,No.,en",
        "fee,收费吗？,不收。,zh",
        path=PurePosixPath("faq.csv"),
    )
    assert (english.id, chinese.id) == ("en/faq.csv#fee", "zh/faq.csv#fee")


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["query,doc_id,lang", "a,b,en"], "line 1: the header lacks question and answer"),
        (["question;answer", "a;b"], "line 1: the header lacks question and answer.*by commas"),
        ([], "line 1: the header lacks question"),
        (["question,answer", "a,b", '"x\ny",'], "line 3: the answer is empty"),
        (["question,answer", "\n", " ,b"], "line 4: the question is empty"),
        (["question,answer", "a,b,c"], "line 2: more fields than the header names"),
        (["question,answer", 'a,"b', "c,d"], "line 2: not CSV"),
        (["question,answer,lang", "a,b,English"], "line 2: which language.*'English' is none.*`la"),
        (["question,answer,valid_from", "a,b,2026/01/01"], "line 2: valid_from is '2026/01/01'"),
        (["question,answer,valid_to", "a,b,2026-01-01"], "line 2: valid_to is unknown"),
        (
            ["question,answer,valid_from,valid_until", "a,b,2026-02-01,2026-01-31"],
            "line 2: valid_until 2026-01-31 is before valid_from 2026-02-01",
        ),
        (
            ["question,answer,id", "a,b,x", "c,d,y", "e,f,x"],
            "lines 2 and 4: two answers are called x; give them ids",
        ),
        (["question,answer", "Fee?,a", "fee,b"], "lines 2 and 3: two answers are called fee"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_line(lines: list[str], complaint: str) -> None:
    with pytest.raises(UnreadableDocument, match=rf"^en/faq\.csv, {complaint}"):
        csv_of(*lines)


def test_the_language_may_be_supposed() -> None:
    root = PurePosixPath("faq.csv")
    (entry,) = csv_of("question,answer", "a,b", path=root, language="zh")
    assert (entry.id, entry.language) == ("zh/faq.csv#a", "zh")
    with pytest.raises(UnreadableDocument, match="line 2: which language"):
        csv_of("question,answer", "a,b", path=root)


def test_rows_of_json() -> None:
    first, second = jsonl_of(
        {
            "id": 7,
            "question": "Is there\u2028a fee?",
            "answer": "No.",
            "intents": ["fees", "refund"],
            "questions": ["What does it cost?", ""],
            "valid_from": None,
            "valid_until": "2026-12-31",
            "version": 2,
            "meta": {"owner": "Ann"},
        },
        "",
        {"question": "收费吗？", "answer": "不收。", "lang": "zh", "intents": "fees refund"},
    )
    assert (first.id, first.heading) == ("en/faq.jsonl#7", "Is there\u2028a fee?")
    assert first.intents == second.intents == ("fees", "refund")
    assert first.questions == ("What does it cost?",)
    assert (first.valid_from, first.valid_until) == (None, date(2026, 12, 31))
    assert first.version == "2"
    assert second.id == "zh/en/faq.jsonl#收费吗"


def test_rows_of_a_public_set_of_questions() -> None:
    (entry,) = jsonl_of({"faq_id": 0, "question": "How?", "answers": ["So.", "", "Or so."]})
    assert (entry.id, entry.text) == ("en/faq.jsonl#0", "So.\n\nOr so.")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{", "not JSON: Expecting"),
        ("[" * 100_000, "not JSON: RecursionError"),
        ("1" * 10_000, "not JSON"),
        ("[]", "not an object"),
        ({"question": "a"}, "the answer is empty"),
        ({"answer": "a"}, "the question is empty"),
        ({"question": "a", "answers": []}, "the answer is empty"),
        ({"question": ["a"], "answer": "b"}, "question is not text"),
        ({"question": "a", "answer": True}, "answer is not text"),
        ({"question": "a", "answer": "b", "questions": [{}]}, "questions is not text"),
        ({"question": "a", "answer": "b", "valid_till": "2026-01-01"}, "valid_till is unknown"),
        ({"question": "a", "answer": "b", "valid_until": 2026}, "valid_until is '2026'"),
    ],
)
def test_what_is_wrong_with_a_row_of_json_is_said_with_its_line(row: Any, complaint: str) -> None:
    with pytest.raises(UnreadableDocument, match=rf"^en/faq\.jsonl, line 2: {complaint}"):
        jsonl_of({"question": "q", "answer": "a"}, row)


def test_an_id_given_twice_in_json_is_refused() -> None:
    row = {"faq_id": 0, "question": "How?", "answers": ["So."]}
    with pytest.raises(UnreadableDocument, match="lines 1 and 3: two answers are called 0"):
        jsonl_of(row, "", row)


def test_characters_nobody_sees_are_left_out() -> None:
    (entry,) = jsonl_of('{"question": "a\\u0000b", "answer": "c\\u0007\\ud800\\r\\nd"}')
    assert (entry.heading, entry.text) == ("ab", "c\ufffd\nd")
    (entry,) = csv_of("question,answer", "a\x00b,c")
    assert entry.heading == "ab"


@pytest.mark.parametrize("read", [csv_pairs.entries_of, jsonl_pairs.entries_of])
@given(content=st.text(max_size=200))
def test_any_text_is_read_or_refused(read: Any, content: str) -> None:
    for text in (content, f"question,answer\n{content}"):
        try:
            entries = read(CSV, text)
        except UnreadableDocument:
            continue
        assert len({entry.id for entry in entries}) == len(entries)
        assert all(entry.heading and entry.text for entry in entries)
