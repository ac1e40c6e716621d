"""From a log with planted structure to a served recommender, through both commands."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.personalize import evaluate_recommender, train_recommender
from services.personalize.domain.histories import Floats, Past
from services.personalize.domain.recommending import Part, Recommender
from services.personalize.recommender import artifact
from services.personalize.recommender.artifact import ArtifactUnusable
from services.personalize.recommender.data import read_interactions
from services.personalize.recommender.judging import scored
from services.personalize.recommender.scorers import Factors, Neighbours
from shared.modelstore import ModelStore

pytestmark = pytest.mark.slow

USERS, ITEMS, GROUPS, EACH = 240, 96, 6, 18


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everybody takes items of one group, later of another, and now and then any; in each group
    and overall few items are taken much and many rarely."""
    generator = np.random.default_rng(7)
    popular = 1 / (1 + np.arange(ITEMS)) ** 0.7
    group = np.arange(ITEMS) % GROUPS
    path = tmp_path_factory.mktemp("log") / "interactions.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "item", "timestamp", "value"])
        for user in range(USERS):
            first, second = generator.permutation(GROUPS)[:2]
            start = generator.integers(1_600_000_000, 1_700_000_000)
            taken: list[int] = []
            for n in range(EACH):
                of = group == (first if n < EACH // 2 else second)
                odds = popular * np.where(of, 1.0, 0.02)
                odds[taken] = 0
                item = int(generator.choice(ITEMS, p=odds / odds.sum()))
                taken.append(item)
                stars = generator.integers(3, 6)
                rows.writerow([f"u{user}", f"i{item}", start + n * 3600, stars])
    return path


@pytest.fixture(scope="module")
def items(log: Path) -> Path:
    """The catalogue, with an item sold out, one to be bought again, and a new one."""
    path = log.with_name("items.csv")
    lines = ["item,title,text,available,repeatable"]
    lines += [
        f"i{n},Item {n},of kind {n % GROUPS // 2},{n != 0},{n == 1}".replace("True", "true")
        for n in range(ITEMS)
    ]
    lines.append("new,Brand new,of kind 1,,")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def encode(texts: Any) -> Floats:
    """A vector by the kind that a text names: two groups are of one kind."""
    kinds = [int(text.rsplit(maxsplit=1)[1]) for text in texts]
    vectors: Floats = np.eye(GROUPS // 2, dtype=np.float32)[kinds]
    return vectors


@pytest.fixture(scope="module")
def trained(log: Path, items: Path) -> tuple[str, Recommender]:
    """The version, and what is loaded of it."""
    store = log.with_name("store")
    arguments = ["--data", str(log), "--items", str(items), "--store", str(store)]
    version, _ = train_recommender.train(train_recommender.parse(arguments), encode)
    folder = ModelStore(str(store)).fetch(artifact.NAME, version, log.with_name("cache"))
    return version, artifact.load(folder)


def test_the_blend_beats_popularity_and_is_as_good_as_item_knn(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    assert evaluate_recommender.main(["--data", str(log), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert f"the last 5 items of {USERS} users" in shown
    found = json.loads(out.read_text())
    assert found["users"] == USERS
    models = found["models"]
    assert set(models) == {
        "popularity", "item-kNN", "item-kNN, recent first", "EASE", "close in time", "ALS", "blend",
    }  # fmt: skip
    assert all(name in shown for name in models)
    blend = models["blend"]
    assert blend["ndcg@10"]["low"] > models["popularity"]["ndcg@10"]["high"]
    assert blend["ndcg@10"]["value"] >= models["item-kNN"]["ndcg@10"]["value"]
    assert blend["ndcg@10 against item-kNN"]["low"] > 0
    assert blend["coverage@10"] > models["popularity"]["coverage@10"]
    for figure in ("hit@10", "recall@20", "ndcg@10"):
        assert blend[figure]["low"] <= blend[figure]["value"] <= blend[figure]["high"] <= 1


def test_training_again_gives_the_same_version_and_says_what_was_chosen(
    log: Path, items: Path, trained: tuple[str, Recommender], capsys: pytest.CaptureFixture[str]
) -> None:
    store, out = log.with_name("other"), log.with_name("chosen.json")
    arguments = ["--data", str(log), "--items", str(items), "--store", str(store)]
    assert train_recommender.main([*arguments, "--out", str(out)], encode) == 0
    shown = capsys.readouterr().out
    assert f"stored recommender@{trained[0]} in {store}" in shown
    told = json.loads(out.read_text())
    weights = [part["weight"] for part in [*told["parts"].values(), told["popularity"]]]
    assert sum(weights) == pytest.approx(1)
    folder = ModelStore(str(store)).fetch(artifact.NAME, trained[0], log.with_name("cache2"))
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["validation"] == told
    assert (metrics["users"], metrics["items"]) == (USERS, ITEMS + 1)


def test_what_is_served_scores_as_what_was_judged(
    log: Path, trained: tuple[str, Recommender]
) -> None:
    _, served = trained
    histories = read_interactions(log, served.catalogue.items).pairs.histories
    some = histories.of(np.arange(40))
    np.testing.assert_allclose(
        served.scores(some), served.scores(some, scored), rtol=1e-4, atol=1e-4
    )


def test_a_stranger_gets_the_group_they_show_interest_in(
    trained: tuple[str, Recommender],
) -> None:
    _, served = trained
    third = [Past(f"i{n}", 1.0) for n in (2, 8, 14)]
    (told, cold, alone) = served.recommend([third, [], [Past("new", 0.4, owned=False)]], 5)
    assert [int(one.item[1:]) % GROUPS for one in told] == [2] * 5
    assert {one.reason.code for one in told} == {"bought_together"}
    assert {one.reason.because for one in told} <= {"i2", "i8", "i14"}
    assert {one.reason.code for one in cold} == {"popular"}
    assert cold[0].title.startswith("Item")
    # Of an item that nobody took yet only the text is known.
    likes = [one for one in alone if one.reason.code == "similar_content"]
    assert likes[0].reason.because == "new"
    assert {int(one.item[1:]) % GROUPS // 2 for one in likes} == {1}


def test_sold_out_items_are_not_offered_and_refills_are(trained: tuple[str, Recommender]) -> None:
    _, served = trained
    history = [Past(f"i{n}", 1.0) for n in range(1, ITEMS, GROUPS)]
    (told,) = served.recommend([history], ITEMS)
    offered = {one.item for one in told}
    assert "i0" not in offered
    assert "i1" in offered
    assert not offered & {past.item for past in history[1:]}


def test_a_loaded_recommender_is_the_saved_one(
    trained: tuple[str, Recommender], tmp_path: Path
) -> None:
    _, served = trained
    artifact.save(tmp_path, served, {})
    again = artifact.load(tmp_path)
    assert again.catalogue.items == served.catalogue.items
    customers = [[Past("i3", 1.0), Past("i9", 0.5)], []]
    assert again.recommend(customers, 10) == served.recommend(customers, 10)


@pytest.mark.parametrize(
    ("array", "value", "reason"),
    [
        ("popularity", np.zeros(3), "popularity [items]"),
        ("neighbours.starts", np.zeros(3, np.int64), "starts [items + 1]"),
        ("neighbours.items", np.zeros(1, np.int32), "a weight for each item"),
        ("neighbours.items", np.full(2, 9999, np.int32), "items of the catalogue"),
        ("neighbours.weights", None, "neighbours: finite numbers"),
        ("factors.factors", np.zeros((3, 2)), "factors [items, factors]"),
    ],
)
def test_an_artifact_whose_numbers_do_not_fit_is_refused(
    trained: tuple[str, Recommender], tmp_path: Path, array: str, value: Any, reason: str
) -> None:
    size = len(trained[1].catalogue.items)
    neighbours = Neighbours(
        np.minimum(np.arange(size + 1), 2), np.zeros(2, np.int32), np.ones(2, np.float32)
    )
    factors = Factors(np.ones((size, 2), np.float32), 0.1, 1.0)
    parts = (
        Part("neighbours", "bought_together", neighbours, 0.5, 0.5),
        Part("factors", "bought_together", factors, 0.5, 0.5),
    )
    artifact.save(tmp_path, replace(trained[1], parts=parts), {})
    artifact.load(tmp_path)
    with np.load(tmp_path / "parts.npz") as file:
        arrays = {name: file[name] for name in file.files}
    arrays[array] = np.full_like(arrays[array], np.nan) if value is None else value
    np.savez(tmp_path / "parts.npz", **arrays)
    with pytest.raises(ArtifactUnusable, match="the recommender needs") as caught:
        artifact.load(tmp_path)
    assert reason in str(caught.value)


def test_an_artifact_of_another_format_is_refused(
    trained: tuple[str, Recommender], tmp_path: Path
) -> None:
    artifact.save(tmp_path, trained[1], {})
    path = tmp_path / "recommender.json"
    path.write_text(path.read_text().replace('"format": "1"', '"format": "0"'))
    with pytest.raises(ArtifactUnusable, match="format '0'"):
        artifact.load(tmp_path)


def test_too_little_to_learn_from_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "few.csv"
    rows = "".join(f"u{u},i{i},{i}\n" for u in range(5) for i in range(30))
    path.write_text("user,item,timestamp\n" + rows)
    store = tmp_path / "store"
    assert train_recommender.main(["--data", str(path), "--store", str(store)]) == 2
    assert "too little to learn from: 5 users" in capsys.readouterr().err
    assert evaluate_recommender.main(["--data", str(path), "--k", "29"]) == 2
    assert "no user liked enough items" in capsys.readouterr().err
    assert not store.exists()


def test_bad_rows_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("user,item,timestamp\nu,i,soon\n")
    assert evaluate_recommender.main(["--data", str(path)]) == 2
    assert f"{path}:2: timestamp is neither" in capsys.readouterr().err


def test_serving_needs_numpy_alone() -> None:
    code = (
        "import sys; import services.personalize.recommender.artifact; "
        "import services.personalize.recommender.signals; "
        "print([m for m in ('scipy', 'implicit', 'sklearn', 'tqdm', 'threadpoolctl', 'onnxruntime')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
