"""`python -m deploy.retraining.seed`: a store that lives on gets what a release brings along."""

from pathlib import Path

import pytest

from deploy.retraining.seed import main, seed
from shared.modelstore import MANIFEST, ModelStore


def put(store: ModelStore, tmp_path: Path, name: str, content: str, **metadata: str) -> str:
    folder = tmp_path / f"made {content}"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "weights").write_text(content)
    return store.put(name, folder, metadata)


@pytest.fixture
def release(tmp_path: Path) -> ModelStore:
    """Two classifiers, the second the newer, and knowledge."""
    store = ModelStore(str(tmp_path / "release"))
    put(store, tmp_path, "classifier", "older", format="3")
    put(store, tmp_path, "classifier", "newer", format="3")
    put(store, tmp_path, "knowledge", "answers", encoder="e5")
    return store


@pytest.fixture
def volume(tmp_path: Path) -> ModelStore:
    return ModelStore(str(tmp_path / "volume"))


def test_an_empty_store_gets_everything_in_its_order(
    release: ModelStore, volume: ModelStore, tmp_path: Path
) -> None:
    added = seed(Path(release.url), volume)
    for name in ("classifier", "knowledge"):
        assert volume.versions(name) == release.versions(name)
        for version in volume.versions(name):
            assert f"{name}@{version}" in added
            kept, brought = volume.manifest(name, version), release.manifest(name, version)
            assert (kept.files, kept.metadata) == (brought.files, brought.metadata)
            volume.fetch(name, version, Path(volume.url))
    assert len(added) == 3


def test_what_was_trained_there_is_kept_and_what_is_there_is_left_alone(
    release: ModelStore, volume: ModelStore, tmp_path: Path
) -> None:
    seed(Path(release.url), volume)
    trained = put(volume, tmp_path, "classifier", "trained")
    before = {path: path.stat().st_mtime_ns for path in Path(volume.url).rglob("*")}
    assert seed(Path(release.url), volume) == []
    assert {path: path.stat().st_mtime_ns for path in Path(volume.url).rglob("*")} == before
    assert volume.versions("classifier") == [*release.versions("classifier"), trained]
    next_release = put(release, tmp_path, "classifier", "next", format="3")
    assert seed(Path(release.url), volume) == [f"classifier@{next_release}"]
    assert volume.latest("classifier", {"format": "3"}) == next_release


def test_what_was_cut_short_is_finished_the_next_time(
    release: ModelStore, volume: ModelStore
) -> None:
    seed(Path(release.url), volume)
    (version,) = release.versions("knowledge")
    half = Path(volume.url) / "knowledge" / version
    (half / MANIFEST).unlink()
    (half / "inner" / "weights").write_text("ans")
    assert seed(Path(release.url), volume) == [f"knowledge@{version}"]
    folder = volume.fetch("knowledge", version, Path(volume.url))
    assert (folder / "inner" / "weights").read_text() == "answers"


def test_a_broken_release_is_said_and_nothing_of_it_is_offered(
    release: ModelStore, volume: ModelStore, capsys: pytest.CaptureFixture[str]
) -> None:
    (version,) = release.versions("knowledge")
    (Path(release.url) / "knowledge" / version / "inner" / "weights").write_text("other")
    assert main([release.url, volume.url]) == 1
    assert "cannot fill" in capsys.readouterr().err
    assert volume.versions("knowledge") == []


def test_it_says_what_it_did(
    release: ModelStore, volume: ModelStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([release.url, volume.url]) == 0
    assert "knowledge@" in capsys.readouterr().out
    assert main([release.url, volume.url]) == 0
    assert "nothing new" in capsys.readouterr().out
