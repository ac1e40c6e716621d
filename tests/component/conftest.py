"""The built encoder, loaded, and the knowledge that it reads."""

from pathlib import Path
from typing import Any

import onnxruntime
import pytest

from services.generate.domain.retrieval import Index
from services.generate.knowledge.__main__ import build
from services.generate.knowledge.documents import SEED_DOCUMENTS, SEED_QUESTIONS
from services.generate.knowledge.embed import Embedder
from shared.encoder import checkpoint, graph
from shared.encoder.encoder import Encoder
from shared.encoder.files import NAME
from shared.modelstore import ModelStore


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
def seed_knowledge(encoder: Encoder) -> tuple[Index, dict[str, Any]]:
    """The knowledge that comes with the project, built, and how good it is."""
    return build(SEED_DOCUMENTS, SEED_QUESTIONS, Embedder(encoder))


@pytest.fixture(scope="session")
def exact_session() -> onnxruntime.InferenceSession:
    """The same encoder in full precision: what the served one is measured against."""
    weights = checkpoint.default().weights
    exact = graph.build_graph(weights, graph.full_precision, checkpoint.default().feature_layers)
    return onnxruntime.InferenceSession(
        exact.SerializeToString(), providers=["CPUExecutionProvider"]
    )
