"""The images of the jobs, by their locks and their code alone: each does its work for real."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from services.classify import train
from services.classify.encoder import StoredModels
from services.feedback.insights.jsonl import lines_of
from shared.modelstore import ModelStore
from tests.unit.deploy.images import image, in_image
from tests.unit.feedback.insight_messages import WIDTH, Vectors, messages

pytestmark = pytest.mark.slow

AWAY = {"MONGO_URL": "mongodb://127.0.0.1:9/", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"}
WISHES = {
    "refund": "money back for {}",
    "delivery": "where is {}",
    "invoice": "send an invoice for {}",
}
NAMES = ("kettle", "lamp", "chair", "radio", "printer", "oven", "shelf", "phone", "bag")
THINGS = [f"{colour} {name}" for colour in ("red", "blue") for name in NAMES]


def embedded(texts: Sequence[str]) -> Vectors:
    """Any vectors will do: what is found in them is tested elsewhere."""
    return np.random.default_rng(0).normal(size=(len(texts), WIDTH)).astype(np.float32)


def stamped(folder: Path) -> dict[Path, int]:
    """Everything in the folder, with when it was changed last."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def insights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return image("insights", tmp_path_factory.mktemp("insights"))


@pytest.fixture(scope="module")
def trainer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return image("trainer", tmp_path_factory.mktemp("trainer"))


def test_insights_writes_its_pages(insights: tuple[Path, Path], tmp_path: Path) -> None:
    told, folder = tmp_path / "messages.jsonl", tmp_path / "reports"
    told.write_text("\n".join(lines_of(messages(embedded))) + "\n", encoding="utf-8")
    module = ("-m", "services.feedback.insights")
    done = in_image(*insights, *module, "--messages", str(told), "--folder", str(folder))
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["report-en.html", "report-zh.html"]
    for language in ("en", "zh"):
        page = (folder / f"report-{language}.html").read_text("utf-8")
        assert f'<html lang="{language}">' in page


def test_the_trainer_fills_a_store_trains_and_judges(
    trainer: tuple[Path, Path], store_with_encoder: Callable[[Path], ModelStore], tmp_path: Path
) -> None:
    """The store is filled from the artifacts of the release, as the Compose file has it done, and
    is its own cache; the job needs nothing but what it finds there."""
    base, rows, out = tmp_path / "base.jsonl", tmp_path / "rows.jsonl", tmp_path / "verdict.json"
    known = [
        {"text": form.format(thing), "intent": intent, "sentiment": mood, "priority": level}
        for intent, form in WISHES.items()
        for thing in THINGS
        for mood, level in [("neutral", "low") if "red" in thing else ("negative", "high")]
    ]
    said = [
        {"text": f"gift card from {thing}", "intent": "gift_card", "source": "correction"}
        for thing in THINGS
    ]
    for path, lines in ((base, known), (rows, said)):
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    data = ["--data", str(base), "--taxonomy", "from-data", "--threads", "1"]
    made = store_with_encoder(tmp_path / "made")
    first, _ = train.train(train.parse([*data, "--store", made.url, "--cache", made.url]))
    models = str(tmp_path / "models")

    filled = in_image(*trainer, "-m", "deploy.retraining.seed", made.url, models)

    assert filled.returncode == 0, filled.stderr
    assert f"classifier@{first}" in filled.stdout
    job = ["-m", "services.classify.retraining", "--rows", str(rows), *data]
    job += ["--current", f"classifier@{first}", "--out", str(out)]
    done = in_image(*trainer, *job, MODEL_STORE=models, MODEL_CACHE=models)
    assert done.returncode in (0, 1), done.stderr
    version = json.loads(out.read_text("utf-8"))["version"]
    assert ModelStore(models).versions("classifier") == [first, version]
    # Classify has the same store, and may only read.
    before = stamped(Path(models))
    serving = StoredModels(ModelStore(models), Path(models), threads=1, evidence_words=0)
    assert serving.load(version).version == f"classifier@{version}"
    assert stamped(Path(models)) == before


@pytest.mark.parametrize("job", ["insights", "trainer"])
def test_a_job_waits_for_a_database_that_is_away_and_stops_when_told(
    job: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Started as the image's entry point says."""
    python, app = request.getfixturevalue(job)
    modules = {
        "insights": ["services.feedback.insights", "--every", "--folder", str(tmp_path)],
        "trainer": ["deploy.retraining", "--every"],
    }
    beat, log = tmp_path / "heartbeat", tmp_path / "log"
    settings = {**AWAY, "HEARTBEAT_FILE": str(beat), "LOG_FORMAT": "json"}
    with log.open("wb") as written:
        process = subprocess.Popen(
            [str(python), "-m", *modules[job]],
            cwd=app,
            env={"PATH": os.environ["PATH"], **settings},
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    deadline = time.monotonic() + 60
    while "has to wait" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    (line,) = [json.loads(line) for line in log.read_text().splitlines()]
    assert (line["event"], line["why"]) == (
        "job has to wait", "no database answers: ServerSelectionTimeoutError",
    )  # fmt: skip
    assert beat.exists()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
