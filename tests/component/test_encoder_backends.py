"""Other checkpoints, and torch in place of ONNX Runtime: the same vectors."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel, RobertaConfig, RobertaModel

from shared.encoder import build, checkpoint
from shared.encoder.checkpoint import CheckpointError
from shared.encoder.encoder import Encoder
from shared.encoder.huggingface import read_checkpoint
from shared.modelstore import ModelStore

pytestmark = pytest.mark.slow

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "where", "is", "my", "order", "refund", "退", "款"]
ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", *WORDS[4:]]
SIZES: dict[str, Any] = {
    "vocab_size": len(WORDS),
    "hidden_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 128,
}
MARKS = {BertModel: ("[CLS]", "[SEP]"), RobertaModel: ("<s>", "</s>")}
TEXTS = ["where is my order", "refund", "退 款", "order order order refund is my where"]


def _saved(model: BertModel | RobertaModel, words: list[str], folder: Path) -> Path:
    model.train(False).save_pretrained(folder)
    vocabulary = {word: number for number, word in enumerate(words)}
    unknown = "[UNK]" if "[UNK]" in words else "<unk>"
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unknown))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture
def bert(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    model = BertModel(BertConfig(max_position_embeddings=32, **SIZES))
    return _saved(model, WORDS, tmp_path / "tiny-bert")


@pytest.fixture
def roberta(tmp_path: Path) -> Path:
    torch.manual_seed(2)
    sizes = SIZES | {"vocab_size": len(ROBERTA)}
    config = RobertaConfig(max_position_embeddings=34, pad_token_id=1, type_vocab_size=1, **sizes)
    return _saved(RobertaModel(config), ROBERTA, tmp_path / "tiny-roberta")


def _expected(kind: type[BertModel | RobertaModel], folder: Path, text: str) -> np.ndarray:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    begin, end = MARKS[kind]
    ids = [tokenizer.token_to_id(word) for word in [begin, *text.split(), end]]
    with torch.no_grad():
        model = kind.from_pretrained(folder).train(False)
        states = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
    mean = states.mean(0).numpy()
    return mean / np.linalg.norm(mean)  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", [BertModel, RobertaModel])
@pytest.mark.parametrize(("backend", "least"), [("onnx", 0.99), ("torch", 0.9995)])
def test_a_checkpoint_is_served_as_transformers_computes_it(
    kind: type, backend: str, least: float, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue("bert" if kind is BertModel else "roberta")
    store = ModelStore(str(tmp_path / "store"))
    artifact, version = build.ensure_encoder(store, read_checkpoint(folder), keep_weights=True)
    assert artifact == f"encoder-{folder.name}"
    fetched = store.fetch(artifact, version, tmp_path / "cache")
    encoder = Encoder.load(fetched, 1, backend)  # type: ignore[arg-type]
    for text, vector in zip(TEXTS, encoder.encode(TEXTS), strict=True):
        assert float(vector @ _expected(kind, folder, text)) > least


def test_evidence_on_torch_adds_up_too(bert: Path, tmp_path: Path) -> None:
    store = ModelStore(str(tmp_path / "store"))
    artifact = build.ensure_encoder(store, read_checkpoint(bert), keep_weights=True)
    encoder = Encoder.load(store.fetch(*artifact, tmp_path / "cache"), 1, "torch")
    projection = np.random.default_rng(0).normal(size=(encoder.width, 3)).astype(np.float32)
    told = encoder.read(TEXTS, projection)
    for features, shares in zip(told.features, told.shares, strict=True):
        np.testing.assert_allclose(shares.sum(0), features @ projection, atol=1e-4)
    flow = encoder.rollout("where is my order")
    assert sum(share for _, share in flow) == pytest.approx(1, abs=1e-4)
    assert [span for span, _ in flow][1:-1] == [(0, 5), (6, 8), (9, 11), (12, 17)]


def test_torch_needs_the_weights_and_says_how_to_keep_them(bert: Path, tmp_path: Path) -> None:
    store = ModelStore(str(tmp_path / "store"))
    artifact = build.ensure_encoder(store, read_checkpoint(bert))
    folder = store.fetch(*artifact, tmp_path / "cache")
    with pytest.raises(ValueError, match="--keep-weights"):
        Encoder.load(folder, 1, "torch")
    with pytest.raises(ValueError, match="ENCODER_BACKEND=torch"):
        Encoder.load(folder, 1).rollout("where")


def test_the_same_checkpoint_is_built_once(bert: Path, tmp_path: Path) -> None:
    store = ModelStore(str(tmp_path / "store"))
    first = build.ensure_encoder(store, read_checkpoint(bert))
    assert build.ensure_encoder(store, read_checkpoint(bert)) == first
    assert store.versions(first[0]) == [first[1]]


@pytest.mark.parametrize(
    ("file", "content", "complaint"),
    [
        ("config.json", '{"model_type": "gpt2"}', "model_type 'gpt2' is none of bert"),
        ("config.json", "no json", "config.json"),
        ("model.safetensors", "nothing", "model.safetensors"),
        ("tokenizer.json", "{}", "tokenizer.json"),
    ],
)
def test_what_is_wrong_with_a_checkpoint_is_said(
    bert: Path, file: str, content: str, complaint: str
) -> None:
    (bert / file).write_text(content)
    with pytest.raises(CheckpointError, match=complaint):
        read_checkpoint(bert)


def test_the_default_serves_on_torch_what_it_serves_in_8_bits(
    encoder: Encoder, tmp_path: Path
) -> None:
    store = ModelStore(str(tmp_path / "store"))
    artifact = build.ensure_encoder(store, checkpoint.default(), keep_weights=True)
    exact = Encoder.load(store.fetch(*artifact, tmp_path / "cache"), 1, "torch")
    texts = ["where is my order", "退款怎么还没到", "I was charged twice 😡", "喂你好"]
    cosines = (exact.encode(texts) * encoder.encode(texts)).sum(axis=1)
    assert cosines.min() > 0.99
