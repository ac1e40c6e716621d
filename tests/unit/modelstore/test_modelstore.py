"""Artifacts come out of the store as they went in, or not at all."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from shared.modelstore import ArtifactCorrupt, ArtifactMissing, ModelStore, read_manifest

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Ticking:
    """A clock that moves one hour with every look."""

    def __init__(self) -> None:
        self._hours = count()

    def __call__(self) -> datetime:
        return NOON + timedelta(hours=next(self._hours))


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    folder = tmp_path / "made"
    (folder / "inner").mkdir(parents=True)
    (folder / "weights.bin").write_bytes(b"\x00\x01" * 5000)
    (folder / "inner" / "labels.json").write_text('["a", "b"]')
    return folder


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(str(tmp_path / "store"), Ticking())


@pytest.mark.parametrize("scheme", ["", "file://", "memory://"])
def test_what_is_fetched_is_what_was_put(tmp_path: Path, artifact: Path, scheme: str) -> None:
    store = ModelStore(f"{scheme}{tmp_path}/store", Ticking())
    version = store.put("model", artifact, {"language": "zh"})
    fetched = store.fetch("model", version, tmp_path / "cache")
    assert (fetched / "weights.bin").read_bytes() == (artifact / "weights.bin").read_bytes()
    assert (fetched / "inner" / "labels.json").read_text() == '["a", "b"]'
    assert read_manifest(fetched).metadata == {"language": "zh"}
    assert store.versions("model") == [version]


def test_the_same_content_is_the_same_version(store: ModelStore, artifact: Path) -> None:
    first = store.put("model", artifact)
    assert store.put("model", artifact) == first
    assert store.versions("model") == [first]


def test_other_content_or_another_file_name_is_another_version(
    store: ModelStore, artifact: Path
) -> None:
    versions = {store.put("model", artifact)}
    (artifact / "weights.bin").rename(artifact / "renamed.bin")
    versions.add(store.put("model", artifact))
    (artifact / "renamed.bin").write_bytes(b"other")
    versions.add(store.put("model", artifact))
    assert len(versions) == 3


def test_the_latest_is_the_one_stored_last(store: ModelStore, artifact: Path) -> None:
    made = []
    for number in range(4):
        (artifact / "weights.bin").write_text(str(number))
        made.append(store.put("model", artifact))
    assert store.versions("model") == made
    assert store.latest("model") == made[-1]


def test_a_missing_artifact_says_how_to_make_it(store: ModelStore, tmp_path: Path) -> None:
    assert store.latest("model") is None
    with pytest.raises(ArtifactMissing, match="make train"):
        store.require_latest("model")
    with pytest.raises(ArtifactMissing, match=r"model@0123456789ab.*make train"):
        store.fetch("model", "0123456789ab", tmp_path / "cache")


def test_an_artifact_whose_upload_broke_off_does_not_exist(
    store: ModelStore, artifact: Path, tmp_path: Path
) -> None:
    version = store.put("model", artifact)
    (tmp_path / "store" / "model" / version / "manifest.json").unlink()
    assert store.versions("model") == []
    assert store.put("model", artifact) == version
    assert store.versions("model") == [version]


def test_a_changed_byte_in_the_store_is_found_and_named(
    store: ModelStore, artifact: Path, tmp_path: Path
) -> None:
    version = store.put("model", artifact)
    stored = tmp_path / "store" / "model" / version / "weights.bin"
    content = bytearray(stored.read_bytes())
    content[777] ^= 1
    stored.write_bytes(content)
    with pytest.raises(ArtifactCorrupt, match=r"weights\.bin"):
        store.fetch("model", version, tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("weights.bin"))


def test_a_file_gone_from_the_store_is_named(
    store: ModelStore, artifact: Path, tmp_path: Path
) -> None:
    version = store.put("model", artifact)
    (tmp_path / "store" / "model" / version / "inner" / "labels.json").unlink()
    with pytest.raises(ArtifactCorrupt, match=r"labels\.json"):
        store.fetch("model", version, tmp_path / "cache")


def test_a_damaged_copy_in_the_cache_is_fetched_again(
    store: ModelStore, artifact: Path, tmp_path: Path
) -> None:
    version = store.put("model", artifact)
    fetched = store.fetch("model", version, tmp_path / "cache")
    (fetched / "weights.bin").write_bytes(b"damaged")
    again = store.fetch("model", version, tmp_path / "cache")
    assert (again / "weights.bin").read_bytes() == (artifact / "weights.bin").read_bytes()


def test_a_whole_copy_in_the_cache_needs_no_store(
    store: ModelStore, artifact: Path, tmp_path: Path
) -> None:
    version = store.put("model", artifact)
    store.fetch("model", version, tmp_path / "cache")
    away = ModelStore(str(tmp_path / "elsewhere"))
    assert (away.fetch("model", version, tmp_path / "cache") / "weights.bin").is_file()


def test_a_manifest_cannot_reach_outside_its_artifact(
    store: ModelStore, artifact: Path, tmp_path: Path
) -> None:
    version = store.put("model", artifact)
    path = tmp_path / "store" / "model" / version / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["../../escaped"] = manifest["files"]["weights.bin"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(ArtifactCorrupt, match="outside"):
        store.fetch("model", version, tmp_path / "cache")


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "Upper"])
def test_a_name_that_is_no_plain_name_is_refused(
    store: ModelStore, artifact: Path, name: str
) -> None:
    with pytest.raises(ValueError, match="not a name"):
        store.put(name, artifact)


def test_a_store_names_what_it_has_and_one_that_is_not_there_has_nothing(tmp_path: Path) -> None:
    store = ModelStore(str(tmp_path / "store"))
    assert store.names() == []
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "file").write_text("x")
    for name in ("second", "first"):
        store.put(name, folder)
    assert store.names() == ["first", "second"]
