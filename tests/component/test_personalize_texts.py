"""Items' texts take part in recommendations by the encoder in the model store."""

import argparse
import csv
import random
from pathlib import Path

import numpy as np
import pytest

from services.personalize import train_recommender
from services.personalize.recommender import artifact
from services.personalize.recommender.data import read_items
from shared.encoder.files import NAME
from shared.modelstore import ModelStore

pytestmark = pytest.mark.slow

TEXTS = {
    "desk lamp": "A lamp for the desk with a warm light.",
    "floor lamp": "A tall lamp for the living room, warm light.",
    "台灯": "一盏暖光的书桌台灯。",
    "hiking boots": "Waterproof leather boots for long walks in the mountains.",
    "walking shoes": "Light shoes for walks on any path.",
}


@pytest.fixture
def store(model_store: ModelStore, tmp_path: Path) -> Path:
    """A store of this test's own that has the built encoder."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / NAME).symlink_to(Path(model_store.url) / NAME)
    return folder


@pytest.fixture
def items(tmp_path: Path) -> Path:
    path = tmp_path / "items.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "title", "text"])
        for number in range(30):
            title, text = list(TEXTS.items())[number % len(TEXTS)]
            rows.writerow([f"i{number}", f"{title} {number}", text])
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Everybody takes items of like texts."""
    chance = random.Random(1)
    path = tmp_path / "log.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "item", "timestamp"])
        for user in range(60):
            alike = [n for n in range(30) if n % len(TEXTS) == user % len(TEXTS)]
            other = [n for n in range(30) if n not in alike]
            taken = [*chance.sample(alike, 5), *chance.sample(other, 4)]
            chance.shuffle(taken)
            rows.writerows([f"u{user}", f"i{item}", at] for at, item in enumerate(taken))
    return path


def options(*given: object) -> argparse.Namespace:
    return train_recommender.parse([str(one) for one in ("--threads", 1, *given)])


def test_items_alike_in_either_language_have_vectors_alike(
    items: Path, log: Path, store: Path, tmp_path: Path
) -> None:
    given = options(
        "--data", log, "--items", items, "--store", store, "--cache", tmp_path / "cache"
    )
    encode = train_recommender.encoder_of(given, read_items(items))
    assert encode is not None
    vectors = encode([f"{title}\n{text}" for title, text in TEXTS.items()])
    likeness = vectors @ vectors.T
    assert likeness[0, 1] > likeness[0, 3]
    assert likeness[0, 2] > likeness[2, 3]
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-4)


def test_without_texts_no_encoder_is_asked_for(items: Path, log: Path, tmp_path: Path) -> None:
    nowhere = ("--store", tmp_path / "none", "--cache", tmp_path / "cache")
    told = read_items(items)
    left_out = options("--data", log, "--items", items, "--no-texts", *nowhere)
    assert train_recommender.encoder_of(left_out, told) is None
    untold = tmp_path / "untold.csv"
    untold.write_text("item,title\ni0,Lamp\n")
    given = options("--data", log, "--items", untold, *nowhere)
    assert train_recommender.encoder_of(given, read_items(untold)) is None
    assert not (tmp_path / "none").exists()


def test_the_command_tries_content_unless_it_is_left_out(
    items: Path, log: Path, store: Path, tmp_path: Path
) -> None:
    where = ("--store", store, "--cache", tmp_path / "cache")
    given = ["--data", log, "--items", items, "--threads", 1, *where]
    models = {}
    for name, more in (("texts", []), ("none", ["--no-texts"])):
        arguments = train_recommender.parse([str(one) for one in (*given, *more)])
        version, chosen = train_recommender.train(arguments)
        assert ModelStore(str(store)).versions(artifact.NAME)[-1:] == [version]
        models[name] = {choice.model.name for choice in chosen.parts}
    assert models["texts"] - models["none"] == {"content"}
