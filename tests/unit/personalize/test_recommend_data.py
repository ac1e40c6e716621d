"""Rows that cannot be used are refused with file, line and reason."""

import json
from pathlib import Path

import pytest

from services.personalize.recommender.data import Item, read_interactions, read_items
from services.personalize.recommender.log import Log
from shared.rows import DataError

HEADER = "user,item,timestamp,value,event\n"
GOOD = "u1,lamp,1700000000,4,\nu1,desk,1700000001,,purchased\n"


def written(folder: Path, content: str, name: str = "log.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(content, encoding=encoding)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_interactions(path)
    return str(caught.value)


def test_csv_with_a_byte_order_mark_and_jsonl_read_alike(tmp_path: Path) -> None:
    rows = [
        {"user": "u1", "item": 7, "timestamp": 1700000000, "value": 4},
        {"user": "u2", "item": "desk", "timestamp": "1700000001", "event": "carted"},
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    csv = "user,item,timestamp,value,event\nu1,7,1700000000,4,\nu2,desk,1700000001,,carted\n"
    one = read_interactions(written(tmp_path, csv, encoding="utf-8-sig"))
    two = read_interactions(written(tmp_path, lines, "log.jsonl"))
    for log in (one, two):
        assert (log.users, log.items) == (2, ("7", "desk"))
        assert log.weight.tolist() == pytest.approx([0.8, 0.5])
        assert log.owned.tolist() == [True, False]


@pytest.mark.parametrize(
    "timestamp",
    ["1700000000", "1700000000000", "1700000000.0", "2023-11-14T22:13:20Z", "2023-11-14 22:13:20",
     "2023-11-15T06:13:20+08:00"],
)  # fmt: skip
def test_one_moment_in_every_way_of_writing_it(tmp_path: Path, timestamp: str) -> None:
    log = read_interactions(written(tmp_path, f"user,item,timestamp\nu,i,{timestamp}\n"))
    assert log.time.tolist() == [1700000000.0]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",lamp,1700000000,,", "user is empty"),
        ("u1,,1700000000,,", "item is empty"),
        ("u1,lamp,,,", "timestamp is empty"),
        ("u1,lamp,yesterday,,", "timestamp is neither a unix time nor ISO 8601: 'yesterday'"),
        ("u1,lamp,nan,,", "timestamp is neither unix seconds nor milliseconds: 'nan'"),
        ("u1,lamp,1700000000,four,", "value is no number: 'four'"),
        ("u1,lamp,1700000000,inf,", "value is not finite: 'inf'"),
        ("u1,lamp,1700000000,,rated", "rated without a value"),
        ("u1,lamp,1700000000,-1,", "a rating below 0"),
        ("u1,lamp,1700000000,,viewed,x", "more fields than the header names"),
        (
            "u1,lamp,1700000000,,sold",
            "unknown event 'sold': one of viewed, carted, purchased, used, rated, returned",
        ),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, row: str, reason: str) -> None:
    path = written(tmp_path, f'{HEADER}{GOOD}"u\n2",lamp,1700000002,,\n{row}\n{GOOD}')
    assert refusal(path) == f"{path}:6: {reason}"


def test_all_bad_rows_are_reported_at_once(tmp_path: Path) -> None:
    lines = refusal(written(tmp_path, HEADER + "u1,,1,,\n" * 25)).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "... and 5 more"


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, '{"user": "u"\n', "log.jsonl")
    assert refusal(path).startswith(f"{path}:1: not JSON")
    path = written(tmp_path, "[1]\n", "list.jsonl")
    assert refusal(path) == f"{path}:1: not an object"


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    assert "the header lacks timestamp" in refusal(written(tmp_path, "user,item\nu,i\n"))
    assert "only .csv and .jsonl" in refusal(written(tmp_path, "", "log.txt"))
    assert "no such file" in refusal(tmp_path / "none.csv")


@pytest.mark.parametrize(("most", "weight"), [("5", 0.8), ("10", 0.4), ("100", 0.04)])
def test_ratings_are_taken_by_their_scale(tmp_path: Path, most: str, weight: float) -> None:
    log = read_interactions(written(tmp_path, f"{HEADER}u,a,1,4,\nu,b,2,{most},\n"))
    assert log.weight.tolist() == pytest.approx([weight, 1.0])


def test_amounts_are_not_taken_for_ratings(tmp_path: Path) -> None:
    assert "values up to 250 are no ratings" in refusal(
        written(tmp_path, f"{HEADER}u,a,1,250,\nu,b,2,3,\n")
    )
    log = read_interactions(written(tmp_path, f"{HEADER}u,a,1,250,purchased\n"))
    assert log.weight.tolist() == [1.0]


def test_the_log_is_in_order_of_user_and_time(tmp_path: Path) -> None:
    rows = "u1,late,30,,\nu2,x,5,,\nu1,first,10,,\nu1,second,10,,\n"
    log = read_interactions(written(tmp_path, HEADER + rows))
    assert names(log) == ["first", "second", "late", "x"]


def test_where_only_looks_are_known_a_look_is_what_there_is_to_foresee(tmp_path: Path) -> None:
    log = read_interactions(written(tmp_path, f"{HEADER}u,a,1,,viewed\nu,b,2,,viewed\n"))
    assert log.liked.tolist() == [True, True]
    log = read_interactions(written(tmp_path, f"{HEADER}u,a,1,,viewed\nu,b,2,,purchased\n"))
    assert log.liked.tolist() == [False, True]


def test_items_of_the_catalogue_count_though_nobody_took_them(tmp_path: Path) -> None:
    content = "item,title,text,available,repeatable\nnew,New one,,,\nlamp,Lamp,bright,no,YES\n"
    told = read_items(written(tmp_path, content, "items.csv"))
    assert told == {"new": Item("New one", ""), "lamp": Item("Lamp", "bright", False, True)}
    assert read_interactions(written(tmp_path, HEADER + GOOD), told).items == (
        "lamp", "desk", "new",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("lamp,Again,", "item 'lamp' stands before"),
        ("desk,,", "title is empty"),
        ("desk,Desk,maybe", "available is neither true nor false: 'maybe'"),
    ],
)
def test_a_bad_item_is_named_with_its_line(tmp_path: Path, row: str, reason: str) -> None:
    path = written(tmp_path, f"item,title,available\nlamp,Lamp,1\n{row}\n", "items.csv")
    with pytest.raises(DataError) as caught:
        read_items(path)
    assert str(caught.value) == f"{path}:3: {reason}"


def names(log: Log) -> list[str]:
    return [log.items[item] for item in log.item]
