"""`python -m services.personalize.train_behaviour` on small made-up tables, into a real store."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.personalize import train_behaviour
from services.personalize.behaviour import artifact, choosing
from services.personalize.behaviour.choosing import choose
from services.personalize.behaviour.looking import looked_at
from services.personalize.behaviour.model import probability
from services.personalize.behaviour.table import read_table
from services.personalize.behaviour.target import target_of
from shared.modelstore import ModelStore

Run = Callable[..., int]
ROWS = 300


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a test takes a second."""
    trees = (10, 20)
    boosted = tuple(choosing.Boosted(2, number) for number in trees)
    monkeypatch.setattr(choosing, "TREES", trees)
    monkeypatch.setattr(choosing, "DEPTHS", (2,))
    monkeypatch.setattr(choosing, "BOOSTED", boosted)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command on a table, with figures in out.json and the store beside it."""

    def run(path: Path, *options: str) -> int:
        given = ["--data", str(path), "--store", str(tmp_path / "store"), "--threads", "1"]
        return train_behaviour.main([*given, "--out", str(tmp_path / "out.json"), *options])

    return run


def rows() -> list[dict[str, Any]]:
    """Customers who leave early, on a cheap plan, and after calling often."""
    random = np.random.default_rng(5)
    made = []
    for number in range(ROWS):
        months, plan = float(random.uniform(0, 40)), str(random.choice(["basic", "pro"]))
        calls = int(random.poisson(2))
        odds = 1.0 - 0.12 * months + 1.2 * (plan == "basic") + 0.3 * calls
        left = random.random() < 1 / (1 + np.exp(-odds))
        made.append(
            {
                "customer": f"C-{number:05}",
                "months": round(months, 1) if number % 20 else None,
                "plan": plan,
                "calls": calls,
                "since": f"20{10 + number % 14}-03-01",
                "Left": "Yes" if left else "No",
            }
        )
    return made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "customers.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows()), "utf-8")
    return path


def as_csv(path: Path, table: list[dict[str, Any]]) -> Path:
    lines = [",".join(table[0])]
    lines += [",".join("" if v is None else str(v) for v in row.values()) for row in table]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def told(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tmp_path / "out.json").read_text("utf-8"))
    return found


def test_a_table_becomes_a_model_that_the_worker_can_load(
    run: Run, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, "--target", "Left", "--id", "customer") == 0
    figures = told(tmp_path)
    assert figures["unseen"]["auc"] > 0.75
    assert figures["unseen"]["brier"] < figures["unseen"]["brier_of_base_rate"]
    assert set(figures["matter"]) == {"months", "plan", "calls", "since"}
    assert next(iter(figures["matter"])) == "months"
    assert figures["leaks"] == {}
    store = ModelStore(str(tmp_path / "store"))
    name, version = figures["model"].split("@")
    assert (name, store.latest(name)) == ("behaviour-left", version)
    folder = store.fetch(name, version, tmp_path / "cache")
    assert {path.suffix for path in folder.iterdir()} == {".npz", ".json", ".md"}
    model = artifact.load(folder)
    early, late, unknown = model.predict(
        [
            {"months": 1, "plan": "basic", "calls": 3, "since": "2023-03-01"},
            {"months": 38, "plan": "pro", "calls": 0, "since": "2011-03-01"},
            {"plan": "gold"},
        ]
    )
    assert early.probability > 0.6
    assert late.probability < 0.3
    assert early.influences[0].column == "months"
    assert (unknown.cold, unknown.probability) == (True, model.prior)
    assert unknown.unfamiliar == ("plan",)
    printed = capsys.readouterr().out
    assert f"stored {name}@{version}" in printed
    assert f"{figures['unseen']['auc']:.4f}" in printed
    card = (folder / "model-card.md").read_text("utf-8")
    assert card.startswith("# Probability that Left is Yes")
    assert "months" in card


def test_equal_data_gives_an_equal_model_in_whatever_form_and_threads(
    run: Run, data: Path, tmp_path: Path
) -> None:
    assert run(data, "--target", "Left", "--id", "customer") == 0
    first = told(tmp_path)
    csv = as_csv(tmp_path / "customers.csv", rows())
    assert run(csv, "--target", "Left", "--id", "customer", "--threads", "2") == 0
    assert told(tmp_path) == first
    assert run(data, "--target", "Left", "--id", "customer", "--seed", "1") == 0
    assert told(tmp_path)["model"] != first["model"]


def test_the_stored_model_is_the_one_that_was_chosen(run: Run, data: Path, tmp_path: Path) -> None:
    assert run(data, "--target", "Left", "--id", "customer") == 0
    table, target = target_of(read_table(data), "Left")
    schema = looked_at(table, ["Left", "customer"])
    cells = schema.cells(table.rows())
    expected = choose(schema, cells.values, target.truth, seed=0)
    name, version = told(tmp_path)["model"].split("@")
    folder = ModelStore(str(tmp_path / "store")).fetch(name, version, tmp_path / "cache")
    found = artifact.load(folder).predict(rows())
    assert not any(one.cold for one in found)
    np.testing.assert_allclose(
        [one.probability for one in found],
        probability(expected.blend.log_odds(cells.values)),
        atol=1e-9,
    )
    assert told(tmp_path)["chosen"]["model"] == expected.name


def test_a_column_that_gives_the_answer_away_is_warned_of(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = [{**row, "refunded": "y" if row["Left"] == "Yes" else "n"} for row in rows()]
    path = as_csv(tmp_path / "leaky.csv", table)
    assert run(path, "--target", "Left", "--ignore", "since", "calls") == 0
    errors = capsys.readouterr().err
    assert "WARNING: column refunded alone tells Left" in errors
    assert "column customer is left out" in errors
    assert set(told(tmp_path)["leaks"]) == {"refunded"}


def test_noise_is_told_as_noise(run: Run, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    table = [{"x": random.random(), "t": "yes" if random.random() < 0.3 else "no"} for _ in rows()]
    assert run(as_csv(tmp_path / "noise.csv", table), "--target", "t") == 0
    figures = told(tmp_path)["unseen"]
    assert abs(figures["auc"] - 0.5) < 0.12
    assert figures["brier"] < figures["brier_of_base_rate"] + 0.01


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("--target churn", "no column churn; there are Left, calls, "),
        ("--target calls", "name one by --positive"),
        ("--target Left --positive Maybe", "no row has Left Maybe"),
        ("--target Left --ignore typo", "no column typo"),
        ("--target Left --id nobody", "no column nobody"),
    ],
)
def test_what_cannot_be_learned_is_refused(
    run: Run, data: Path, capsys: pytest.CaptureFixture[str], options: str, complaint: str
) -> None:
    assert run(data, *options.split()) == 2
    assert complaint in capsys.readouterr().err
    assert not data.with_name("out.json").exists()


def test_a_bad_line_and_a_missing_file_are_refused(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("a,t\n1,yes\n2\n", "utf-8")
    assert run(path, "--target", "t") == 2
    assert f"{path}:3: 1 fields, not 2" in capsys.readouterr().err
    assert run(tmp_path / "none.csv", "--target", "t") == 2
    assert "No such file" in capsys.readouterr().err
