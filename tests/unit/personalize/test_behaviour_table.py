"""Tables as people have them: read, typed by looking, refused with file, line and reason."""

from pathlib import Path

import numpy as np
import pytest

from services.personalize.behaviour.leaks import leaks
from services.personalize.behaviour.looking import MOST_LEVELS, looked_at
from services.personalize.behaviour.schema import Column, schema_of
from services.personalize.behaviour.table import Table, TableError, read_table
from services.personalize.behaviour.target import FEWEST, target_of
from services.personalize.behaviour.values import Value, days_in, number_in, value_of


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (None, None), ("", None), (" NaN ", None), ("n/a", None), ("?", None), (float("nan"), None),
        (" Yes ", "Yes"), (True, "true"), (False, "false"), (3, "3"), (3.0, "3"), (0.1, "0.1"),
        ("None", "None"),
    ],
)  # fmt: skip
def test_values_are_text_or_missing(given: object, value: Value) -> None:
    assert value_of(given) == value


def test_a_list_is_not_a_value() -> None:
    with pytest.raises(ValueError, match="not a single value"):
        value_of([1])


def test_numbers_and_dates_are_told_by_their_form() -> None:
    assert number_in("1e3") == 1000
    assert number_in("1,000") is None
    assert number_in("inf") is None
    assert days_in("1970-01-02") == 1
    assert days_in("1970-01-02T12:00:00Z") == 1.5
    assert days_in("1970-01-02T08:00:00+08:00") == 1
    assert days_in("20240101") == days_in("2024-01-01")
    assert days_in("yesterday") is None
    assert days_in("12 March") is None


def test_csv_and_jsonl_give_the_same_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\ufeffplan,since,n\nbasic,2024-01-02,1\n,,2.5\n", "utf-8")
    (tmp_path / "a.jsonl").write_text(
        '{"plan": "basic", "since": "2024-01-02", "n": 1}\n\n{"n": 2.5, "plan": null}\n', "utf-8"
    )
    one, other = read_table(tmp_path / "a.csv"), read_table(tmp_path / "a.jsonl")
    assert one.columns == other.columns
    assert one.columns["plan"] == ["basic", None]
    assert (one.lines, other.lines) == ([2, 3], [1, 3])
    assert one.rows()[1] == {"plan": None, "since": None, "n": "2.5"}


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.txt", b"", "only .csv and .jsonl"),
        ("a.csv", b"", ":1: the header needs a name"),
        ("a.csv", b"a,,b\n1,2,3\n", ":1: the header needs a name"),
        ("a.csv", b"a,a\n1,2\n", ":1: the header needs a name"),
        ("a.csv", b"a,b\n", ": no rows"),
        ("a.csv", b'a,b\n"x\ny",1\n1,2,3\n', ":4: 3 fields, not 2"),
        ("a.csv", b"a,b\n1\n", ":2: 1 fields, not 2"),
        ("a.csv", b'a,b\n1,2\n"x\n', ":3: not CSV"),
        ("a.csv", b"a,b\n1,\xff\n", ": not UTF-8"),
        ("a.jsonl", b'{"a": 1}\n{"a": }\n', ":2: not JSON"),
        ("a.jsonl", b'{"a": 1}\n[1]\n', ":2: not an object"),
        ("a.jsonl", b'{"a": 1}\n{"a": {"b": 1}}\n', ":2: a is not a single value"),
        ("a.jsonl", b"[" * 100_000, ":1: nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError) as refusal:
        read_table(tmp_path / name)
    assert complaint in str(refusal.value)
    assert str(refusal.value).startswith(str(tmp_path / name))


def table(**columns: list[Value]) -> Table:
    length = len(next(iter(columns.values())))
    return Table(Path("t.csv"), columns, list(range(2, length + 2)))


def test_columns_are_typed_by_looking_and_useless_ones_told() -> None:
    rows = 100
    given = table(
        number=[None if i == 3 else str(i % 7 / 2) for i in range(rows)],
        since=[f"2024-01-{i % 28 + 1:02}" for i in range(rows)],
        plan=["basic" if i % 2 else "pro" for i in range(rows)],
        mixed=["1" if i % 2 else "one" for i in range(rows)],
        row=[str(i + 1000) for i in range(rows)],
        name=[f"customer {i}" for i in range(rows)],
        same=["x"] * rows,
        empty=[None] * rows,
        known=["yes" if i % 2 else None for i in range(rows)],
        left=["a"] * rows,
    )
    told: list[str] = []
    schema = looked_at(given, ["left"], told.append)
    kinds = {column.name: column.kind for column in schema.columns}
    assert kinds == {
        "number": "number",
        "since": "date",
        "plan": "category",
        "mixed": "category",
        "known": "category",
    }
    by_name = {column.name: column for column in schema.columns}
    assert (by_name["number"].lower, by_name["number"].upper) == (0, 3)
    assert by_name["number"].absent == pytest.approx(0.01)
    assert by_name["plan"].levels == ("basic", "pro")
    assert sorted(what.split()[1] for what in told) == ["empty", "name", "row", "same"]


def test_rare_values_of_a_category_are_taken_together() -> None:
    values: list[Value] = [*(f"v{i % 40}" for i in range(400)), "rare", "seldom"]
    (column,) = looked_at(table(c=values), []).columns
    assert (len(column.levels), column.rest) == (MOST_LEVELS, True)
    known, rare = column.cell(column.levels[3]), column.cell("rare")
    assert (known, rare) == ((3.0, True), (float(MOST_LEVELS), False))


def test_an_ignored_column_must_exist_and_one_must_be_left() -> None:
    with pytest.raises(TableError, match="no column typo; there are a"):
        looked_at(table(a=["1", "2"]), ["typo"])
    with pytest.raises(TableError, match="no column is left"):
        looked_at(table(a=["1", "1"]), [])


def test_cells_say_what_is_missing_and_what_is_unfamiliar() -> None:
    schema = schema_of(
        [
            {"name": "n", "kind": "number", "absent": 0.0, "levels": [], "upper": 9.0},
            {"name": "c", "kind": "category", "absent": 0.0, "levels": ["a", "b"]},
        ]
    )
    rows: list[dict[str, Value]] = [{"n": "12", "c": "b"}, {"n": "many", "c": "z"}, {"x": "1"}]
    cells = schema.cells(rows)
    np.testing.assert_array_equal(cells.values, [[9, 1], [np.nan] * 2, [np.nan] * 2])
    assert cells.known.tolist() == [[True, True], [False, False], [False, False]]
    assert cells.missing.tolist() == [[False, False], [False, False], [True, True]]
    assert schema_of(schema.described()) == schema


def labels(**counts: int) -> list[Value]:
    return [label for label, n in counts.items() for _ in range(n)]


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (labels(No=90, Yes=30), "Yes"),
        (labels(true=90, false=30), "true"),
        (["1"] * 90 + ["0"] * 30, "1"),
        (labels(stayed=90, left=30), "left"),
    ],
)
def test_the_label_to_predict_is_yes_or_the_rarer_one(values: list[Value], positive: str) -> None:
    _, target = target_of(table(t=values), "t")
    assert target.positive == positive
    assert target.truth.tolist() == [value == positive for value in values]


def test_one_label_can_be_told_from_all_others() -> None:
    told: list[str] = []
    given = table(t=labels(a=30, b=30, c=30))
    _, target = target_of(given, "t", "b", told.append)
    assert target.truth.sum() == 30
    assert told == ["t: b against 2 other labels together"]


def test_rows_without_a_label_are_left_out_and_told() -> None:
    told: list[str] = []
    given = table(t=[None, *labels(no=30, yes=30), None], x=["1"] * 62)
    kept, target = target_of(given, "t", tell=told.append)
    assert len(kept) == len(target.truth) == 60
    assert told == ["t.csv:2: t is missing: left out, as 1 more rows"]


@pytest.mark.parametrize(
    ("values", "positive", "complaint"),
    [
        (labels(a=30, b=30, c=30), None, "has 3 labels .* --positive"),
        (labels(a=30), None, "is a in every row"),
        ([None, None], None, "is missing in every row"),
        (labels(yes=FEWEST - 1, no=99), None, f"at least {FEWEST}"),
        (labels(yes=30, no=30), "maybe", "no row has t maybe"),
    ],
)
def test_a_target_that_cannot_be_learned_is_refused(
    values: list[Value], positive: str | None, complaint: str
) -> None:
    with pytest.raises(TableError, match=complaint):
        target_of(table(t=values), "t", positive)


def test_a_target_must_exist() -> None:
    with pytest.raises(TableError, match="no column churn; there are a, b"):
        target_of(table(a=["1"], b=["2"]), "churn")


def test_columns_that_give_the_answer_away_are_found() -> None:
    random = np.random.default_rng(0)
    truth = random.random(200) < 0.3
    given = table(
        left_on=["2024-01-05" if yes else None for yes in truth],
        reason=[random.choice(["price", "move"]) if yes else "none" for yes in truth],
        after=[str(random.random() + 2 * yes) for yes in truth],
        before=[str(random.random() - 2 * yes) for yes in truth],
        honest=[str(random.random() + yes / 2) for yes in truth],
        plan=[str(random.choice(["a", "b"])) for _ in truth],
    )
    schema = looked_at(given, [])
    found = leaks(schema, schema.cells(given.rows()), truth)
    assert set(found) == {"left_on", "reason", "after", "before"}


def test_a_column_describes_itself_for_json() -> None:
    column = Column("c", "category", 0.5, ("a",), True)
    assert schema_of([{**column.__dict__, "levels": ["a"]}]).columns == (column,)
