"""The command that judges how well personal data is found."""

import json
from pathlib import Path

import pytest

from services.ingest.evaluate_pii import main

ROWS = [
    {
        "text": "mail ann@shop.example or call 13812345678",
        "spans": [
            {"start": 5, "end": 21, "type": "EMAIL_ADDRESS"},
            {"start": 30, "end": 41, "type": "PHONE_NUMBER"},
        ],
        "lang": "en",
    },
    {"text": "我叫李雷", "spans": [{"start": 2, "end": 4, "type": "PERSON"}], "lang": "zh"},
    {"text": "Zorblax paid", "spans": [{"start": 0, "end": 7, "type": "name"}], "lang": "en"},
    {"text": "x@y.example", "spans": [{"start": 0, "end": 11, "type": "ORGANIZATION"}]},
    {"text": "z@y.example", "spans": [{"start": 0, "end": 11, "type": "HANDLE"}]},
]


def write(path: Path, rows: list[object]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def test_figures_by_kind_and_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = write(tmp_path / "rows.jsonl", list(ROWS)), tmp_path / "out.json"
    assert main(["--data", str(data), "--out", str(out)]) == 0
    figures = json.loads(out.read_text())
    name = figures["kinds"]["NAME"]
    assert (name["labelled"], name["recall"], name["precision"]) == (2, 0.5, 1.0)
    # The address that is an organisation's counts as wrong, the unknown label's not at all.
    email = figures["kinds"]["EMAIL"]
    assert (email["labelled"], email["recall"], email["found"]) == (1, 1.0, 2)
    assert figures["languages"]["zh"]["NAME"]["recall"] == 1.0
    assert figures["languages"]["en"]["PHONE"]["precision"] == 1.0
    assert figures["missed"] == [{"where": "rows.jsonl:3", "kind": "NAME", "number": 1}]
    assert figures["not_judged"] == {"ORGANIZATION": 1, "HANDLE": 1}
    printed = capsys.readouterr().out
    assert "missed: 1 (NAME 1)" in printed
    assert "Zorblax" not in printed


def test_csv_with_spans_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "rows.csv"
    spans = '"[{""start"": 0, ""end"": 11, ""type"": ""PHONE""}]"'
    data.write_text(f"text,spans,lang\n13812345678,{spans},zh\n", encoding="utf-8")
    assert main(["--data", str(data)]) == 0
    assert "PHONE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON"),
        ("[]", "not an object"),
        ('{"spans": []}', "`text` is missing"),
        ('{"text": "a"}', "`spans` is no list"),
        ('{"text": "a", "spans": [1]}', "a span is no"),
        ('{"text": "a", "spans": [{"start": 0, "end": 2, "type": "ID"}]}', "lies not within"),
        ('{"text": "a", "spans": [{"start": "0", "end": 1, "type": "ID"}]}', "whole numbers"),
        ('{"text": "a", "spans": [], "lang": 1}', "`lang` is no text"),
    ],
)
def test_a_bad_row_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, reason: str
) -> None:
    data = tmp_path / "rows.jsonl"
    data.write_text(f'{{"text": "a", "spans": []}}\n{line}\n', encoding="utf-8")
    assert main(["--data", str(data)]) == 1
    error = capsys.readouterr().err
    assert "rows.jsonl, line 2: " in error
    assert reason in error


def test_a_file_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path / "none.jsonl")]) == 1
    assert main(["--data", str(tmp_path / "rows.txt")]) == 1
    errors = capsys.readouterr().err
    assert "No such file" in errors
    assert "neither .jsonl nor .csv" in errors
