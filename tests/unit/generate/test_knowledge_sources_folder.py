"""A folder of documents of all kinds: what is read, in which order, what is said about the rest."""

import json
from datetime import date
from pathlib import Path

import pytest

from services.generate import knowledge_base
from services.generate.domain.entries import Entry
from services.generate.knowledge.documents import UnusableInput, read_documents
from tests.unit.generate.kit import REFUND, index_of

DAY = date(2026, 11, 23)


def write(folder: Path, name: str, content: str | bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_all_kinds_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path, "zh/faq.csv", "question,answer\n收费吗？,不收。\n")
    write(tmp_path, "en/d.HTM", "<h1>D</h1><p>d</p>")
    write(tmp_path, "en/c.md", b"\xef\xbb\xbf# C\r\n\r\nc\r\n")
    write(tmp_path, "en/b.jsonl", '{"question": "B", "answer": "b"}\n')
    write(tmp_path, "en/a.html", "<title>A</title><p>a</p>")
    entries = read_documents(tmp_path)
    assert [entry.id for entry in entries] == [
        "en/a.html#a",
        "en/b.jsonl#b",
        "en/c.md#c",
        "en/d.HTM#d",
        "zh/faq.csv#收费吗",
    ]
    assert [entry.text for entry in entries] == ["a", "b", "c", "d", "不收。"]
    assert read_documents(tmp_path) == entries


def test_what_is_left_out_is_named_once(tmp_path: Path) -> None:
    write(tmp_path, "en/a.md", "# A\n\na\n")
    write(tmp_path, "en/empty.md", "# Only a heading\n")
    write(tmp_path, "en/price list.pdf", b"%PDF")
    write(tmp_path, ".git/HEAD", "ref")
    for number in range(25):
        write(tmp_path, f"x/{number:02}.png", b"\x89")
    told: list[str] = []
    assert len(read_documents(tmp_path, complain=told.append)) == 1
    kinds, empty = told
    assert ".md, .html, .htm, .csv, .jsonl" in kinds
    assert "en/price list.pdf, x/00.png, " in kinds and kinds.endswith("x/18.png and 6 more")
    assert ".git" not in kinds
    assert empty.endswith("en/empty.md")


@pytest.mark.parametrize("content", ["# 退款\n\n三天。".encode("gb18030"), "a".encode("utf-16")])
def test_a_file_that_is_not_utf8_is_named(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "zh/faq.md", content)
    with pytest.raises(UnusableInput, match=r"zh/faq\.md is not UTF-8; save it as UTF-8"):
        read_documents(tmp_path)


def test_what_is_wrong_is_said_with_the_files_whole_path(tmp_path: Path) -> None:
    write(tmp_path, "en/faq.csv", "question,answer\na,\n")
    with pytest.raises(UnusableInput) as caught:
        read_documents(tmp_path)
    assert str(caught.value) == f"{tmp_path}/en/faq.csv, line 2: the answer is empty"


def test_a_language_may_be_supposed_for_all_that_tells_none(tmp_path: Path) -> None:
    write(tmp_path, "faq/a.md", "# A\n\na\n")
    write(tmp_path, "faq/de/b.md", "# B\n\nb\n")
    write(tmp_path, "zh_CN/c.md", "# C\n\nc\n")
    entries = read_documents(tmp_path, "en")
    assert [entry.id for entry in entries] == [
        "en/faq/a.md#a",
        "de/faq/de/b.md#b",
        "zh_CN/c.md#c",
    ]
    assert [entry.language for entry in entries] == ["en", "de", "zh"]
    with pytest.raises(UnusableInput, match=r"faq/a\.md: which language"):
        read_documents(tmp_path)
    with pytest.raises(UnusableInput, match="'english' is no language; write one such as en"):
        read_documents(tmp_path, "english")


def test_two_files_of_one_document_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "faq.md", "---\nlanguage: en\n---\n# A\n\na\n")
    write(tmp_path, "en/faq.md", "# A\n\nb\n")
    with pytest.raises(UnusableInput, match=r"en/faq\.md and faq\.md both have an entry en/faq"):
        read_documents(tmp_path)


def test_days_and_version_are_stored_with_the_entries(tmp_path: Path) -> None:
    entry = Entry("i", "d", "s", "q", "a", "en", (), (), DAY, None, "3")
    knowledge_base.write(tmp_path, index_of([entry]), "words", "1", {})
    read = knowledge_base.read(tmp_path, "k1")
    assert read.index.shelves["en"].entries == (entry,)


def test_a_base_from_before_there_were_days_is_read(tmp_path: Path) -> None:
    knowledge_base.write(tmp_path, index_of([REFUND]), "words", "1", {})
    path = tmp_path / "entries.json"
    content = json.loads(path.read_text())
    for fields in content["entries"]:
        for name in ("valid_from", "valid_until", "version"):
            del fields[name]
    path.write_text(json.dumps(content))
    assert knowledge_base.read(tmp_path, "k1").index.shelves["en"].entries == (REFUND,)
