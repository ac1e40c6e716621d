"""The knowledge that comes with the project, embedded by the real encoder."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.generate import knowledge_base
from services.generate.domain.retrieval import Index, Query
from services.generate.encoder import LazyEncoder
from services.generate.knowledge.__main__ import main
from services.generate.knowledge.embed import words
from services.generate.knowledge_source import StoredKnowledge
from services.generate.settings import Settings
from shared.encoder.encoder import Encoder
from shared.modelstore import ModelStore

pytestmark = pytest.mark.slow
TODAY = date(2026, 11, 26)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_most_questions_find_their_answer(
    seed_knowledge: tuple[Index, dict[str, Any]], language: str
) -> None:
    recall = seed_knowledge[1]["recall"][language]
    assert recall["at_1"] >= 0.78
    assert recall["at_5"] >= 0.95


def test_what_the_default_threshold_lets_through_is_right_nineteen_times_in_twenty(
    seed_knowledge: tuple[Index, dict[str, Any]],
) -> None:
    default = Settings.model_fields["answer_threshold"].default
    (at_default,) = [row for row in seed_knowledge[1]["thresholds"] if row["threshold"] == default]
    assert at_default["precision"] >= 0.95
    assert at_default["share"] >= 0.3


@pytest.mark.parametrize(
    ("text", "language", "entry"),
    [
        ("How can I cancel my pending order?", "en", "en/shop.md#cancel-order"),
        ("怎么退货", "zh", "zh/shop.md#return-exchange"),
        ("can you help me reset my password?", "en", "en/telecom.md#password-reset"),
        ("转账多久到账", "zh", "zh/bank.md#transfer-time"),
    ],
)
def test_plain_questions_are_answered(
    seed_knowledge: tuple[Index, dict[str, Any]],
    encoder: Encoder,
    text: str,
    language: str,
    entry: str,
) -> None:
    (match,) = seed_knowledge[0].search(
        [Query(words(text), language, encoder.encode([text])[0])], TODAY
    )
    assert match.best is not None and match.best.id == entry
    assert match.score >= Settings.model_fields["answer_threshold"].default


@pytest.mark.parametrize("text", ["i need signature pizza", "你好，想吃烤鸭，推荐个餐馆吧"])
def test_what_the_base_knows_nothing_of_scores_low(
    seed_knowledge: tuple[Index, dict[str, Any]], encoder: Encoder, text: str
) -> None:
    language = "en" if text.isascii() else "zh"
    (match,) = seed_knowledge[0].search(
        [Query(words(text), language, encoder.encode([text])[0])], TODAY
    )
    assert match.score < 0.3


def test_what_the_command_stores_the_worker_loads(
    seed_knowledge: tuple[Index, dict[str, Any]], encoder: Encoder, tmp_path: Path
) -> None:
    store = ModelStore(str(tmp_path / "store"))
    (tmp_path / "files").mkdir()
    knowledge_base.write(
        tmp_path / "files", seed_knowledge[0], encoder.name, encoder.version, seed_knowledge[1]
    )
    version = store.put(knowledge_base.ARTIFACT, tmp_path / "files")
    loaded = StoredKnowledge(store, tmp_path / "cache").load(None)
    assert (loaded.version, loaded.width) == (version, encoder.dimension)
    assert (loaded.encoder_name, loaded.encoder_version) == (encoder.name, encoder.version)


def test_the_worker_encodes_as_classify_does(
    model_store: ModelStore, encoder: Encoder, tmp_path: Path
) -> None:
    lazy = LazyEncoder(model_store, tmp_path, threads=1)
    texts = ["where is my parcel", "快递到哪了"]
    for _ in range(2):
        vectors = lazy.encode(texts, encoder.name, encoder.version)
        assert np.allclose(vectors, encoder.encode(texts, "query"), atol=1e-5)


def test_without_an_encoder_the_command_says_what_makes_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--store", str(tmp_path)]) == 1
    assert "make train" in capsys.readouterr().err
