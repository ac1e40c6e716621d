"""What tests share: real Kafka and a real database, started when the first test asks for them, and
the built encoder, made once for each state of the code that builds it."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.runtime import Runtime, start
from deploy.runtime.cache import cache_folder, locked
from shared.encoder import build, checkpoint
from shared.encoder.files import NAME
from shared.modelstore import ModelStore

NEEDS_PROCESSES = {"runtime", "stage", "system"}
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever needs the runtime is slow, and slow tests come after all fast ones."""
    for item in items:
        if NEEDS_PROCESSES & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where Python keeps no bytecode, the run's hundreds of workers and commands keep it in a
    folder of the run: a start takes half the time when it need not compile all it imports."""
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get(NO_BYTECODE):
            patch.delenv(NO_BYTECODE)
            patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("bytecode")))
        yield


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """Kafka and the database of the whole test run.

    Shared by its tests: each takes topics and databases of its own, and leaves both services
    running when it has killed one.
    """
    with start(tmp_path_factory.mktemp("runtime"), say=print) as started:
        yield started


@pytest.fixture(scope="session")
def kafka_url(runtime: Runtime) -> str:
    """`host:port` of Kafka."""
    return runtime.endpoints.kafka


@pytest.fixture(scope="session")
def mongo_url(runtime: Runtime) -> str:
    """Connection string of the database."""
    return runtime.endpoints.mongo


@pytest.fixture(scope="session")
def model_cache() -> Path:
    """A folder that outlives the run, and is another one when the building code changes."""
    digest = hashlib.sha256()
    for source in sorted(Path(build.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    folder = cache_folder() / "models" / digest.hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def model_store(model_cache: Path) -> ModelStore:
    """A model store with the encoder in it, and whatever other runs have put there."""
    store = ModelStore(str(model_cache / "store"))
    with locked(model_cache, print):
        build.ensure_encoder(store, checkpoint.default())
    return store


@pytest.fixture
def store_with_encoder(model_store: ModelStore, model_cache: Path) -> Callable[[Path], ModelStore]:
    """Makes a model store of a test's own in a folder, with the encoder in it, which is not built
    again for every one."""

    def made(folder: Path) -> ModelStore:
        version = model_store.require_latest(NAME)
        store = ModelStore(str(folder))
        files = model_store.fetch(NAME, version, model_cache / "fetched")
        store.put(NAME, files, model_store.manifest(NAME, version).metadata)
        return store

    return made
