"""`python -m services.classify.retraining`: from corrections to a judged candidate, for real.

A classifier of four intents is trained on a few rows; people then correct messages of a wish it
does not know. The real encoder reads, real heads learn, a real store keeps them.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.classify import artifact, train
from services.classify.encoder import StoredModels
from services.classify.retraining import job
from services.classify.retraining.holdout import is_held_out
from shared.modelstore import ModelStore

pytestmark = pytest.mark.slow

WHAT = {
    "refund": ["money back for {}", "refund {} now", "I want the price of {} returned"],
    "delivery": ["where is {}", "when does {} arrive", "has {} been sent"],
    "invoice": ["send an invoice for {}", "receipt for {} please", "a bill for {} is missing"],
    "fault": ["{} is broken", "{} does not switch on", "{} makes a loud noise"],
}
NEW = ["gift card {} is not accepted", "check the balance of gift card {}", "gift card {} expired"]
THINGS = ["my kettle", "the lamp", "the blue chair", "that radio", "the printer", "our oven"]
CARDS = ["from Anna", "of my aunt", "won today", "in dollars", "by mail", "on paper", "in red"]


@dataclass(frozen=True)
class Stage:
    """A store with a classifier in it, and the job on some rows."""

    store: ModelStore
    cache: Path
    folder: Path
    current: str

    def run(self, rows: Sequence[dict[str, str]], *more: str) -> int:
        path = self.folder / "rows.jsonl"
        write_lines(path, rows)
        return job.main(
            ["--rows", str(path), "--current", f"classifier@{self.current}", *self._usual, *more]
        )

    def again(self, version: str) -> int:
        return job.main(["--again", version, *self._usual])

    @property
    def verdict(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.folder / "verdict.json").read_text("utf-8"))
        return told

    @property
    def promotion(self) -> Path:
        return self.folder / "promote.json"

    @property
    def _usual(self) -> list[str]:
        return [
            "--data", str(self.folder / "base.jsonl"), "--taxonomy", "from-data",
            "--store", self.store.url, "--cache", str(self.cache), "--threads", "1",
            "--recent", str(self.folder / "recent.jsonl"),
            "--out", str(self.folder / "verdict.json"),
            "--promote-if-passed-out", str(self.promotion),
        ]  # fmt: skip


@pytest.fixture(scope="module")
def stage(
    tmp_path_factory: pytest.TempPathFactory, model_store: ModelStore, model_cache: Path
) -> Stage:
    folder = tmp_path_factory.mktemp("retraining")
    base = [
        {"text": form.format(thing), "intent": intent, "sentiment": mood, "priority": level}
        for intent, forms in WHAT.items()
        for form, mood, level in zip(
            forms, ("neutral", "negative", "neutral"), ("normal", "high", "low"), strict=True
        )
        for thing in THINGS
    ]
    recent = [{"text": form.format("from Berta")} for form in NEW] + [{"text": "where is the lamp"}]
    write_lines(folder / "base.jsonl", base)
    write_lines(folder / "recent.jsonl", recent)
    arguments = ["--data", str(folder / "base.jsonl"), "--taxonomy", "from-data", "--threads", "1"]
    arguments += ["--store", model_store.url, "--cache", str(model_cache / "fetched")]
    current, _ = train.train(train.parse(arguments))
    return Stage(model_store, model_cache / "fetched", folder, current)


def corrections(intent: str, forms: Sequence[str] = NEW) -> list[dict[str, str]]:
    return [
        {
            "text": form.format(card), "language": "en", "intent": intent, "source": "correction",
            "ticket_id": f"T{i}{j}", "message_id": "m1", "customer_key": f"secret-{i}{j}",
            "agent_key": f"agent-{j}", "at": "2026-11-01T00:00:00+00:00",
        }
        for i, form in enumerate(forms)
        for j, card in enumerate(CARDS)
    ]  # fmt: skip


def test_a_new_wish_is_learned_from_corrections_and_may_be_promoted(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    newest = stage.store.latest(artifact.NAME, {"format": artifact.FORMAT})
    assert stage.run(corrections("gift_card")) == 0
    shown = capsys.readouterr().out
    told = stage.verdict
    version = told["version"]
    assert f"classifier@{version} passed" in shown and "corrected    passed" in shown
    assert json.loads(stage.promotion.read_text("utf-8")) == {
        "name": "classifier",
        "version": version,
        "previous": stage.current,
        "reason": told["reason"],
    }
    models = StoredModels(stage.store, stage.cache, threads=1, evidence_words=0)
    asked = ["the gift card of my uncle is not accepted", "where is the lamp"]
    assert [r.intents[0].label for r in models.load(version).read(asked)] == [
        "gift_card",
        "delivery",
    ]
    # The corrections of the frozen tenth were not learned from, and are told apart nevertheless.
    figures = {check["name"]: check["figures"] for check in told["gate"]["checks"]}
    assert figures["corrected"]["unseen_wrong"] == sum(
        is_held_out(row["text"]) for row in corrections("gift_card")
    )
    assert figures["corrected"]["fixed"] == figures["corrected"]["wrong"] == len(CARDS) * len(NEW)
    assert [one["candidate"]["intent"] for one in told["shadow"]["changed"]] == ["gift_card"] * 3
    assert told["baseline"].startswith("stand-in")
    # What is not promoted yet is not what a worker takes that nobody told of a promotion.
    assert stage.store.latest(artifact.NAME, {"format": artifact.FORMAT}) == newest != version
    assert stage.again(version) == 0
    assert f"classifier@{version} from the snapshot of classifier@{version}" in (
        capsys.readouterr().out
    )


def test_the_snapshot_says_what_was_learned_but_not_who_said_it(stage: Stage) -> None:
    assert stage.run(corrections("gift_card")) == 0
    folder = stage.store.fetch(artifact.NAME, stage.verdict["version"], stage.cache)
    content = "".join(path.read_text("utf-8") for path in (folder / "snapshot").iterdir())
    assert "gift card from Anna is not accepted" in content and '"T00"' in content
    assert "secret-" not in content and "agent-" not in content


def test_the_next_candidate_is_judged_against_the_retrained_one_itself(stage: Stage) -> None:
    assert stage.run(corrections("gift_card")) == 0
    retrained = Stage(stage.store, stage.cache, stage.folder, stage.verdict["version"])
    # Nothing that it does not know already: no better, and nothing to fix.
    assert retrained.run(corrections("gift_card")) == 1
    assert retrained.verdict["baseline"] == f"classifier@{retrained.current}"
    assert not stage.promotion.exists()


def test_flipped_corrections_do_not_pass(stage: Stage) -> None:
    flipped = [
        {"text": form.format(thing), "intent": wrong, "source": "correction"}
        for intent, wrong in (("refund", "fault"), ("delivery", "invoice"))
        for form in WHAT[intent]
        for thing in THINGS
        if not is_held_out(form.format(thing))
    ]
    assert stage.run(flipped) == 1
    overall = stage.verdict["gate"]["checks"][0]
    assert (overall["name"], overall["passed"]) == ("overall", False)
    assert overall["figures"]["candidate"] < overall["figures"]["current"]
    assert not stage.promotion.exists()


MOODS = {"very pleased:": "positive", "by the way,": "neutral", "how annoying,": "negative"}
HASTE = {"whenever you like": "low", "as usual": "normal", "today without fail": "high"}


@pytest.fixture(scope="module")
def told_moods(
    tmp_path_factory: pytest.TempPathFactory, model_store: ModelStore, model_cache: Path
) -> Stage:
    """A classifier that never learned from the holdout, of messages whose first words tell the mood
    and whose last ones the haste: enough of them are held out for both heads to be judged."""
    folder = tmp_path_factory.mktemp("moods")
    write_lines(folder / "recent.jsonl", [{"text": "where is the lamp"}])
    write_lines(folder / "base.jsonl", with_moods())
    arguments = ["--data", str(folder / "base.jsonl"), "--taxonomy", "from-data", "--threads", "1"]
    arguments += ["--store", model_store.url, "--cache", str(model_cache / "fetched")]
    first, _ = train.train(train.parse(arguments))
    stage = Stage(model_store, model_cache / "fetched", folder, first)
    assert stage.run(corrections("gift_card")) == 0
    return Stage(model_store, model_cache / "fetched", folder, stage.verdict["version"])


def with_moods(shuffled: str = "") -> list[dict[str, str]]:
    """Labelled messages; of all that is learned from, the labels of the head `shuffled` are."""
    rows = [
        {
            "text": f"{opening} {forms[0].format(thing)} {haste}", "intent": intent,
            "sentiment": mood, "priority": level,
        }
        for intent, forms in WHAT.items()
        for opening, mood in MOODS.items()
        for haste, level in HASTE.items()
        for thing in THINGS
    ]  # fmt: skip
    if shuffled:
        learned = [row for row in rows if not is_held_out(row["text"])]
        labels = np.random.default_rng(0).permutation([row[shuffled] for row in learned])
        for row, label in zip(learned, labels.tolist(), strict=True):
            row[shuffled] = label
    return rows


def write_lines(path: Path, rows: Sequence[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


WARRANTY = ["warranty of {} please", "is there a guarantee on {}", "the guarantee on {} ends when"]


@pytest.mark.parametrize("shuffled", ["", "sentiment", "priority"])
def test_a_candidate_whose_other_heads_learned_nonsense_does_not_pass(
    told_moods: Stage, shuffled: str
) -> None:
    """It reads intents better than the current one, and what was shuffled worse."""
    write_lines(told_moods.folder / "base.jsonl", with_moods(shuffled))
    taught = corrections("gift_card") + corrections("warranty", WARRANTY)
    assert told_moods.run(taught) == (1 if shuffled else 0)
    checks = {check["name"]: check for check in told_moods.verdict["gate"]["checks"]}
    failed = [name for name, check in checks.items() if not check["passed"]]
    assert failed == ([shuffled] if shuffled else [])
    assert told_moods.verdict["baseline"] == f"classifier@{told_moods.current}"
    assert checks["sentiment"]["figures"]["rows"] == checks["priority"]["figures"]["rows"] >= 20
    if shuffled:
        assert told_moods.verdict["reason"] == f"{shuffled} is read worse"
        assert not told_moods.promotion.exists()


Change = Callable[[dict[str, str]], dict[str, str]]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda row: row | {"source": "hearsay"}, "source is none of correction, confirmed"),
        (lambda row: row | {"intent": " "}, "intent is empty"),
        (lambda row: row | {"text": 7}, "text is not text"),
    ],
)
def test_a_bad_row_is_refused_with_its_place_and_nothing_is_stored(
    change: Change, why: str, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stage.store.versions(artifact.NAME)
    first, *others = corrections("gift_card")
    assert stage.run([change(first), *others]) == 2
    assert f"rows.jsonl:1: {why}" in capsys.readouterr().err
    assert stage.store.versions(artifact.NAME) == before


def test_an_unknown_current_classifier_is_refused(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = Stage(stage.store, stage.cache, stage.folder, "000000000000")
    assert unknown.run(corrections("gift_card")) == 2
    assert "no classifier@000000000000 in the model store" in capsys.readouterr().err
    assert stage.again(stage.current) == 2
    assert "has no snapshot" in capsys.readouterr().err


def test_it_runs_in_a_process_of_its_own_and_explains_its_exit_codes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services.classify.retraining", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "exit codes:" in done.stdout and "--promote-if-passed-out" in done.stdout
