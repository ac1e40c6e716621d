"""Labelled messages to judge a classifier by: what is refused, and what is out of scope."""

from pathlib import Path

import pytest

from services.classify.evaluation.rows import Row, read_rows
from shared.rows import DataError

LABELS = {
    "intent": ("refund", "loan"),
    "sentiment": ("negative", "neutral"),
    "priority": ("normal", "high"),
}
WITH_OUTSIDE = {**LABELS, "intent": ("refund", "out_of_scope")}


def written(folder: Path, content: str, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_every_row_counts_even_a_lonely_or_repeated_one(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "text,intent,sentiment,priority,lang\n"
        '"two\nlines",refund,negative,,en\n'
        "same,loan,,,\n"
        "same,refund,,high,\n",
    )
    assert read_rows([path], LABELS) == [
        Row("rows.csv:2", "two\nlines", "en", {"intent": "refund", "sentiment": "negative"}, False),
        Row("rows.csv:4", "same", "und", {"intent": "loan"}, False),
        Row("rows.csv:5", "same", "und", {"intent": "refund", "priority": "high"}, False),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "a", "intent": "greeting"}', "unknown intent 'greeting'"),
        ('{"text": "a", "intent": "loan", "sentiment": "angry"}', "unknown sentiment 'angry'"),
        ('{"text": "a", "intent": "loan", "priority": "low"}', "unknown priority 'low'"),
        ('{"text": "", "intent": "loan"}', "text is empty"),
        ('{"text": "a"}', "intent is empty"),
        ('{"text": 1, "intent": "loan"}', "text is not text"),
        ("{", "not JSON"),
        ("[]", "not an object"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = written(tmp_path, f'{{"text": "a", "intent": "loan"}}\n{line}\n', "rows.jsonl")
    with pytest.raises(DataError) as caught:
        read_rows([path], LABELS)
    assert str(caught.value).startswith(f"{path}:2: {reason}")


def test_no_more_than_twenty_bad_rows_are_shown(tmp_path: Path) -> None:
    path = written(tmp_path, "text,intent\n" + "a,nonsense\n" * 25)
    with pytest.raises(DataError) as caught:
        read_rows([path], LABELS)
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "... and 5 more"


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"rows\.csv: no rows"):
        read_rows([written(tmp_path, "text,intent\n")], LABELS)


@pytest.mark.parametrize("label", ["oos", "out_of_scope"])
def test_without_a_label_for_it_both_usual_ones_mean_out_of_scope(
    tmp_path: Path, label: str
) -> None:
    path = written(tmp_path, f"text,intent\na,{label}\nb,loan\n")
    assert [row.is_outside for row in read_rows([path], LABELS)] == [True, False]


def test_the_classifiers_own_label_alone_means_out_of_scope(tmp_path: Path) -> None:
    rows = read_rows([written(tmp_path, "text,intent\na,out_of_scope\nb,refund\n")], WITH_OUTSIDE)
    assert [row.is_outside for row in rows] == [True, False]
    with pytest.raises(DataError, match="unknown intent 'oos'"):
        read_rows([written(tmp_path, "text,intent\na,oos\n")], WITH_OUTSIDE)
