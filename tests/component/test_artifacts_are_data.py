"""What trainings store is data: formats that hold numbers and text, and checksums of every file."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from services.classify import train
from services.generate import knowledge_base
from services.generate.domain.retrieval import Index
from services.personalize import train_behaviour, train_recommender
from services.personalize.behaviour import choosing
from shared.encoder.encoder import Encoder
from shared.encoder.files import NAME
from shared.modelstore import MANIFEST, ArtifactCorrupt, ModelStore

pytestmark = pytest.mark.slow

DATA = {".json", ".jsonl", ".md", ".npy", ".npz", ".onnx", ".safetensors", ".txt", ".yaml"}
OPERATORS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}
"""ONNX's own and ONNX Runtime's; those of another domain would be code of a library to load."""

WISHES = {"refund": "money back for {}", "delivery": "where is {}", "invoice": "a bill for {}"}
NAMES = ("kettle", "lamp", "chair", "radio", "printer", "oven", "shelf", "phone", "bag")
THINGS = [f"{colour} {name}" for colour in ("red", "blue") for name in NAMES]


@pytest.fixture(scope="module")
def store(
    tmp_path_factory: pytest.TempPathFactory,
    model_store: ModelStore,
    encoder_folder: Path,
    encoder: Encoder,
    seed_knowledge: tuple[Index, dict[str, Any]],
) -> ModelStore:
    """A store with one artifact of every kind, each made by its own training."""
    place = tmp_path_factory.mktemp("artifacts")
    store = ModelStore(str(place / "store"))
    version = model_store.require_latest(NAME)
    store.put(NAME, encoder_folder, model_store.manifest(NAME, version).metadata)
    store_classifier(place, store)
    store_behaviour(place, store)
    store_recommender(place, store)
    store_knowledge(place, store, encoder, seed_knowledge)
    return store


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def store_classifier(place: Path, store: ModelStore) -> None:
    rows = [
        {"text": form.format(thing), "intent": intent, "sentiment": mood, "priority": level}
        for intent, form in WISHES.items()
        for thing in THINGS
        for mood, level in [("neutral", "low") if "red" in thing else ("negative", "high")]
    ]
    options = ["--data", str(lines(place / "messages.jsonl", rows)), "--taxonomy", "from-data"]
    options += ["--threads", "1", "--store", store.url, "--cache", str(place / "cache")]
    train.train(train.parse(options))


def store_behaviour(place: Path, store: ModelStore) -> None:
    random = np.random.default_rng(5)
    months = random.uniform(0, 40, 200)
    left = random.random(200) < 1 / (1 + np.exp(0.2 * months - 2))
    rows = [
        {"months": float(month), "left": "yes" if gone else "no"}
        for month, gone in zip(months, left, strict=True)
    ]
    options = ["--data", str(lines(place / "customers.jsonl", rows)), "--target", "left"]
    with pytest.MonkeyPatch.context() as patch:
        # One small model is as good as many here.
        patch.setattr(choosing, "TREES", (10,))
        patch.setattr(choosing, "DEPTHS", (2,))
        patch.setattr(choosing, "BOOSTED", (choosing.Boosted(2, 10),))
        assert train_behaviour.main([*options, "--store", store.url, "--threads", "1"]) == 0


def store_recommender(place: Path, store: ModelStore) -> None:
    random = np.random.default_rng(7)
    rows = [
        {"user": f"u{user}", "item": f"i{item}", "timestamp": 1_600_000_000 + 60 * n, "value": 4}
        for user in range(60)
        for n, item in enumerate(random.permutation(30)[:12])
    ]
    options = ["--data", str(lines(place / "log.jsonl", rows)), "--store", store.url]
    train_recommender.train(train_recommender.parse(options))


def store_knowledge(
    place: Path, store: ModelStore, encoder: Encoder, built: tuple[Index, dict[str, Any]]
) -> None:
    folder = place / "knowledge"
    folder.mkdir()
    knowledge_base.write(folder, built[0], encoder.name, encoder.version, built[1])
    store.put(knowledge_base.ARTIFACT, folder)


def stored(store: ModelStore) -> Iterator[tuple[str, Path]]:
    """Every file below the store, the manifests too, with its path in there."""
    for path in sorted(Path(store.url).rglob("*")):
        if path.is_file():
            yield str(path.relative_to(store.url)), path


def arrays(path: Path) -> Iterator[bytes]:
    """The arrays of a .npy or .npz, each as bytes in the .npy format."""
    if path.suffix == ".npy":
        yield path.read_bytes()
        return
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        for name in packed.namelist():
            assert name.endswith(".npy")
            yield packed.read(name)


def test_every_training_stored_something(store: ModelStore) -> None:
    assert set(store.names()) == {"behaviour-left", "classifier", "knowledge", NAME, "recommender"}


def test_only_formats_of_data_are_stored(store: ModelStore) -> None:
    found = {Path(name).suffix for name, _ in stored(store)}
    assert found <= DATA
    assert {".json", ".npy", ".npz", ".onnx"} <= found


def test_arrays_hold_numbers_or_text_and_no_objects(store: ModelStore) -> None:
    """An array of objects would be pickled (numpy.lib.format)."""
    seen = 0
    for name, path in stored(store):
        if path.suffix in {".npy", ".npz"}:
            for content in arrays(path):
                array = np.load(BytesIO(content), allow_pickle=False)
                assert array.dtype.kind in "biufU", name
                seen += 1
    assert seen > 10


def test_json_is_json_and_graphs_call_no_foreign_code(store: ModelStore) -> None:
    for name, path in stored(store):
        if path.suffix == ".json":
            json.loads(path.read_text("utf-8"))
        if path.suffix == ".onnx":
            graph = onnx.load(path)
            assert {node.domain for node in graph.graph.node} <= OPERATORS, name


def test_every_file_has_its_checksum_and_one_changed_byte_is_found(
    store: ModelStore, tmp_path: Path
) -> None:
    copy = ModelStore(str(tmp_path / "store"))
    shutil.copytree(store.url, copy.url)
    for artifact in store.names():
        version = store.require_latest(artifact)
        folder = Path(copy.url) / artifact / version
        there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        assert store.manifest(artifact, version).files.keys() | {MANIFEST} == there
        changed = max(there - {MANIFEST}, key=lambda name: (folder / name).stat().st_size)
        content = bytearray((folder / changed).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / changed).write_bytes(content)
        with pytest.raises(ArtifactCorrupt, match="content differs from the manifest's sha256"):
            copy.fetch(artifact, version, tmp_path / "cache")
