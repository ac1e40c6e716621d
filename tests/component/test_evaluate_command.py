"""`python -m services.classify.evaluate` on a classifier trained on a few rows."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from services.classify import evaluate, train
from shared.modelstore import ModelStore

pytestmark = pytest.mark.slow

ROWS = {
    ("table", "neutral", "normal"): ["a table for two", "book a table", "table tonight please"],
    ("menu", "positive", "low"): ["show the menu", "what is on the menu", "menu please"],
    ("refund", "negative", "high"): ["give me my money back", "I want a refund", "refund me"],
    ("open", "neutral", "normal"): ["are you open", "when do you open", "opening hours please"],
}
JUDGED = """text,intent,sentiment,priority,lang
a table for four,table,neutral,normal,en
menu of today,menu,positive,low,en
<script>alert(1)</script> refund please,menu,negative,high,en
给我退款,refund,negative,high,zh
who won the football match yesterday,oos,,,en
the square root of nine,oos,,,en
"""

Run = Callable[..., int]


@pytest.fixture(scope="module")
def version(
    tmp_path_factory: pytest.TempPathFactory, model_store: ModelStore, model_cache: Path
) -> str:
    """A classifier of four intents of its own."""
    path = tmp_path_factory.mktemp("data") / "rows.jsonl"
    names = ("intent", "sentiment", "priority")
    rows = [
        {"text": text, **dict(zip(names, labels, strict=True))}
        for labels, texts in ROWS.items()
        for text in texts
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    arguments = ["--data", str(path), "--taxonomy", "from-data", "--threads", "1"]
    arguments += ["--store", model_store.url, "--cache", str(model_cache / "fetched")]
    return train.train(train.parse(arguments))[0]


@pytest.fixture
def run(version: str, model_store: ModelStore, model_cache: Path, tmp_path: Path) -> Run:
    """The command on some CSV; what it writes is in `out`."""

    def run(content: str, *more: str) -> int:
        path = tmp_path / "rows.csv"
        path.write_text(content, encoding="utf-8")
        arguments = ["--data", str(path), "--out", str(tmp_path / "out"), "--model", version]
        arguments += ["--store", model_store.url, "--cache", str(model_cache / "fetched")]
        return evaluate.main([*arguments, *more])

    return run


def test_report_page_and_table_are_made(
    run: Run, version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(JUDGED) == 0
    shown = capsys.readouterr().out
    assert f"6 rows, classifier@{version}" in shown
    assert f"page: {tmp_path / 'out' / 'report.html'}" in shown
    told = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert told["model"] == f"classifier@{version}"
    assert told["heads"]["intent"]["all"]["rows"] == 4
    assert told["heads"]["intent"]["by_language"]["zh"]["rows"] == 1
    assert told["heads"]["intent"]["by_label"]["table"]["recall"] == 1.0
    assert told["out_of_scope"]["rows_out_of_scope"] == 2
    assert told["out_of_scope"]["auroc"] >= 0.5
    mistake = next(m for m in told["intent"]["mistakes"] if m["where"] == "rows.csv:4")
    words = {mistake["text"][clue["start"] : clue["end"]] for clue in mistake["evidence"]}
    assert mistake["predicted"] == "refund"
    assert "refund" in words
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;" in page


def test_an_unknown_label_is_refused_with_its_place(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("text,intent\nhello,table\nhello,greeting\n") == 2
    assert f"{tmp_path / 'rows.csv'}:3: unknown intent 'greeting'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_model_that_is_not_there_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(JUDGED, "--model", "0123456789ab") == 2
    assert "classifier@0123456789ab" in capsys.readouterr().err
