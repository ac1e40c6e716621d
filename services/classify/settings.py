"""What the environment may set for classify."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from shared.settings import WorkerSettings


class ClassifySettings(WorkerSettings):
    """Classify's own settings, on top of every worker's."""

    http_port: int = Field(8082, ge=0, le=65535, description="0 picks a free port")
    model_store: str = Field(
        ".careloop/models", description="fsspec URL of the classifier and its encoder"
    )
    model_cache: Path = Field(
        Path(".careloop/cache"), description="folder for what was fetched from the model store"
    )
    classifier_version: str = Field(
        "", description="serve this classifier and no other; empty: the one promoted last"
    )
    catalogue: Path = Field(
        Path(__file__).with_name("seed") / "catalogue.csv",
        description="CSV of the products and plans that messages may name",
    )
    evidence_words: int = Field(
        5, ge=0, le=50, description="words told as evidence of each decision; 0 tells none"
    )
    fetch_max_bytes: int = Field(
        1024 * 1024, description="bytes fetched at once: bounds the work of a batch"
    )
    poll_interval_ms: int = Field(
        900_000, description="a batch may take this long; one of the longest texts takes minutes"
    )
    encoder_backend: Literal["onnx", "torch"] = Field(
        "onnx", description="onnx: 8 bits; torch: full precision, on CUDA where there is one"
    )
    encoder_threads: int = Field(
        1, ge=1, description="texts are encoded in so many batches at a time"
    )
