"""Hugging Face checkpoints of the BERT family.

A checkpoint is a folder with `config.json`, `model.safetensors` and `tokenizer.json`, as
transformers' `save_pretrained` writes it. BERT, RoBERTa and XLM-RoBERTa are one architecture under
two names: only the row where positions begin differs.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from shared.encoder.checkpoint import PREFIXES_OF_E5, Checkpoint, CheckpointError
from shared.encoder.weights import Config, Float, QuantisedTensor, Weights

CONFIG = "config.json"
MODEL = "model.safetensors"
TOKENIZER = "tokenizer.json"

_FAMILY = {"bert": 0, "roberta": 1, "xlm-roberta": 1, "camembert": 1}
"""Model types, and whether their positions begin after the padding row."""

_EMBEDDINGS = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_WORDS = "embeddings.word_embeddings.weight"
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_PREFIXES = ("", "bert.", "roberta.")
_MARKS = (("[CLS]", "[SEP]", "[PAD]"), ("<s>", "</s>", "<pad>"))


def read_checkpoint(folder: Path, base: str = "") -> Checkpoint:
    """The checkpoint in a folder; `base` is its name, the folder's own if empty.

    Raises CheckpointError naming the file and what is wrong with it.
    """
    content = _settings(folder)
    config = _config(content, folder)
    try:
        tensors = load_file(folder / MODEL)
    except FileNotFoundError:
        raise CheckpointError(
            f"{folder / MODEL} is missing; transformers' save_pretrained writes it"
        ) from None
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{folder / MODEL}: {error}") from None
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    except Exception as error:  # the library raises bare Exceptions
        raise CheckpointError(f"{folder / TOKENIZER}: {error}") from None
    tokenizer.no_padding()
    tokenizer.no_truncation()
    begin, end, padding = _marks(tokenizer, folder)
    first = content.get("pad_token_id", 1) + 1 if _FAMILY[content["model_type"]] else 0
    name = base or folder.name
    return Checkpoint(
        base=name,
        source=_digest(folder),
        weights=_weights(config, tensors, first, folder),
        tokenizer=tokenizer,
        begin=begin,
        end=end,
        padding=padding,
        prefixes=_prefixes(name),
    )


def find_checkpoint(named: str) -> Checkpoint:
    """The checkpoint in a folder, or by its name on the model hub, fetched or from its cache.

    Raises CheckpointError.
    """
    folder = Path(named).expanduser()
    if folder.is_dir():
        return read_checkpoint(folder)
    # Here: only names need the hub's library.
    from huggingface_hub import snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError  # noqa: PLC0415

    try:
        fetched = snapshot_download(named, allow_patterns=[CONFIG, MODEL, TOKENIZER])
    except (HfHubHTTPError, HFValidationError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{named}: no such folder, and the model hub does not give it: {type(error).__name__}"
        ) from None
    return read_checkpoint(Path(fetched), named)


def config_of(checkpoint: Checkpoint) -> dict[str, Any]:
    """The checkpoint's `config.json` for transformers' BertModel."""
    config = checkpoint.weights.config
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": config.hidden,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "intermediate_size": config.feed_forward,
        "vocab_size": config.vocabulary,
        "max_position_embeddings": len(checkpoint.weights.arrays["emb.pos"]),
        "type_vocab_size": len(checkpoint.weights.arrays["emb.type"]),
        "layer_norm_eps": config.epsilon,
        "pad_token_id": checkpoint.padding,
    }


def to_tensors(weights: Weights) -> dict[str, Float]:
    """The weights under the names of transformers' BertModel, float32."""
    words = weights.words
    tensors = {_WORDS: words.dense() if isinstance(words, QuantisedTensor) else words}
    for ours, theirs in _names(weights.config.layers).items():
        tensors[theirs] = weights.arrays[ours]
    return tensors


def from_tensors(
    config: Config, tensors: Mapping[str, Float], words: QuantisedTensor | Float | None = None
) -> Weights:
    """The reverse of `to_tensors`; `words` in place of the word embedding among the tensors.

    Raises KeyError for a tensor that is not there.
    """
    arrays = {
        ours: np.asarray(tensors[theirs], np.float32)
        for ours, theirs in _names(config.layers).items()
    }
    embedding = words if words is not None else np.asarray(tensors[_WORDS], np.float32)
    return Weights(config, embedding, arrays)


def _names(layers: int) -> dict[str, str]:
    names = dict(_EMBEDDINGS)
    for layer in range(layers):
        for ours, theirs in _LAYER.items():
            for mine, yours in (("w", "weight"), ("b", "bias")):
                names[f"l{layer}.{ours}.{mine}"] = f"encoder.layer.{layer}.{theirs}.{yours}"
    return names


def _settings(folder: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder / CONFIG}: {error}") from None
    kind = content.get("model_type")
    if kind not in _FAMILY:
        known = ", ".join(_FAMILY)
        raise CheckpointError(f"{folder / CONFIG}: model_type {kind!r} is none of {known}")
    if content.get("hidden_act", "gelu") != "gelu":
        raise CheckpointError(f"{folder / CONFIG}: hidden_act must be gelu")
    if content.get("position_embedding_type", "absolute") != "absolute":
        raise CheckpointError(f"{folder / CONFIG}: position_embedding_type must be absolute")
    return content


def _config(content: Mapping[str, Any], folder: Path) -> Config:
    try:
        positions = content["max_position_embeddings"]
        if _FAMILY[content["model_type"]]:
            positions -= content.get("pad_token_id", 1) + 1
        return Config(
            epsilon=float(content.get("layer_norm_eps", 1e-12)),
            hidden=content["hidden_size"],
            layers=content["num_hidden_layers"],
            heads=content["num_attention_heads"],
            feed_forward=content["intermediate_size"],
            vocabulary=content["vocab_size"],
            positions=positions,
            token_types=content.get("type_vocab_size", 2),
        )
    except KeyError as missing:
        raise CheckpointError(f"{folder / CONFIG}: {missing} is missing") from None


def _weights(
    config: Config, tensors: Mapping[str, Any], first_position: int, folder: Path
) -> Weights:
    prefix = next((p for p in _PREFIXES if p + _WORDS in tensors), None)
    if prefix is None:
        raise CheckpointError(f"{folder / MODEL}: no {_WORDS}: not of the BERT family")
    # Checkpoints converted from TensorFlow call the parts of a layer norm gamma and beta.
    plain = {
        name.removeprefix(prefix)
        .replace("Norm.gamma", "Norm.weight")
        .replace("Norm.beta", "Norm.bias"): tensor
        for name, tensor in tensors.items()
    }
    try:
        weights = from_tensors(config, plain)
    except KeyError as missing:
        raise CheckpointError(f"{folder / MODEL}: {missing} is missing") from None
    places = weights.arrays["emb.pos"][first_position:]
    return Weights(config, weights.words, {**weights.arrays, "emb.pos": places})


def _marks(tokenizer: Tokenizer, folder: Path) -> tuple[int, int, int]:
    for marks in _MARKS:
        begin, end, padding = (tokenizer.token_to_id(mark) for mark in marks)
        if begin is not None and end is not None and padding is not None:
            return begin, end, padding
    raise CheckpointError(f"{folder / TOKENIZER}: no marks for begin, end and padding")


def _prefixes(name: str) -> dict[str, str]:
    """E5 models read queries and passages under their prefixes, other ones plain text."""
    return PREFIXES_OF_E5 if "e5" in name.lower() else {"query": "", "passage": ""}


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in (CONFIG, MODEL, TOKENIZER):
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
