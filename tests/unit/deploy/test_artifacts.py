"""What `make demo` and `make run` make before they start, and what they leave alone."""

from pathlib import Path

from deploy.system.artifacts import missing
from services.classify.artifact import FORMAT as CLASSIFIER_FORMAT
from services.generate.knowledge_base import FORMAT as KNOWLEDGE_FORMAT
from shared.encoder.files import FORMAT as ENCODER_FORMAT
from shared.encoder.files import NAME
from shared.modelstore import ModelStore


def put(store: ModelStore, tmp_path: Path, name: str, **metadata: str) -> str:
    folder = tmp_path / "made"
    folder.mkdir(exist_ok=True)
    (folder / "content").write_text(f"{name} {metadata}")
    return store.put(name, folder, metadata)


def test_an_empty_store_lacks_both(tmp_path: Path) -> None:
    store = ModelStore(str(tmp_path / "store"))
    assert [step.name for step in missing(store)] == ["classifier", "knowledge"]


def test_what_can_be_served_is_left_alone(tmp_path: Path) -> None:
    store = ModelStore(str(tmp_path / "store"))
    put(store, tmp_path, "classifier", format=CLASSIFIER_FORMAT)
    encoder = put(store, tmp_path, "encoder-of-ones-own", format=ENCODER_FORMAT)
    put(
        store,
        tmp_path,
        "knowledge",
        encoder="encoder-of-ones-own",
        encoder_version=encoder,
        format=KNOWLEDGE_FORMAT,
    )
    assert missing(store) == []


def test_what_an_older_careloop_stored_is_made_anew(tmp_path: Path) -> None:
    store = ModelStore(str(tmp_path / "store"))
    put(store, tmp_path, "classifier", format="0")
    encoder = put(store, tmp_path, NAME, format="0")
    put(store, tmp_path, NAME, format=ENCODER_FORMAT)
    put(
        store,
        tmp_path,
        "knowledge",
        encoder=NAME,
        encoder_version=encoder,
        format=KNOWLEDGE_FORMAT,
    )
    assert [step.name for step in missing(store)] == ["classifier", "knowledge"]
