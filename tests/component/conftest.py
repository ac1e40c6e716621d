"""The built encoder, made once for each state of the code that builds it."""

import fcntl
import hashlib
import os
from pathlib import Path

import onnxruntime
import pytest

from shared.encoder import build, checkpoint, graph
from shared.encoder.encoder import Encoder
from shared.encoder.files import NAME
from shared.modelstore import ModelStore


@pytest.fixture(scope="session")
def model_cache() -> Path:
    """A folder that outlives the run, and is another one when the building code changes."""
    named = os.environ.get("CARELOOP_CACHE")
    root = Path(named).expanduser() if named else Path.home() / ".cache" / "careloop"
    digest = hashlib.sha256()
    for source in sorted(Path(build.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    folder = root / "models" / digest.hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def model_store(model_cache: Path) -> ModelStore:
    """A model store with the encoder in it, and whatever other runs have put there."""
    store = ModelStore(str(model_cache / "store"))
    with (model_cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build.ensure_encoder(store, checkpoint.default())
    return store


@pytest.fixture(scope="session")
def encoder_folder(model_store: ModelStore, model_cache: Path) -> Path:
    """The encoder artifact, fetched and checked."""
    return model_store.fetch(NAME, model_store.require_latest(NAME), model_cache / "fetched")


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Encoder:
    loaded = Encoder.load(encoder_folder, threads=1)
    loaded.warm()
    return loaded


@pytest.fixture(scope="session")
def exact_session() -> onnxruntime.InferenceSession:
    """The same encoder in full precision: what the served one is measured against."""
    weights = checkpoint.default().weights
    exact = graph.build_graph(weights, graph.full_precision, checkpoint.default().feature_layers)
    return onnxruntime.InferenceSession(
        exact.SerializeToString(), providers=["CPUExecutionProvider"]
    )
