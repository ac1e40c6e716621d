"""Makes the encoder artifact: `model.onnx`, `tokenizer.json` and `encoder.json`.

Deterministic on one kind of CPU: the same bytes, so the same version in the model store. Another
kind may round a scale differently, which makes another version with vectors all but equal.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx

from shared.encoder import calibration, graph, quantise
from shared.encoder.checkpoint import Checkpoint
from shared.encoder.files import (
    FORMAT,
    GRAPH,
    SETTINGS,
    TOKENIZER,
    WEIGHTS,
    WEIGHTS_CONFIG,
    artifact_name,
)
from shared.modelstore import ModelStore


def build_encoder(checkpoint: Checkpoint, folder: Path, keep_weights: bool = False) -> None:
    """Writes the artifact's files into an existing folder; with the weights, torch can serve it.

    Takes about 10 seconds and 1.2 GB of memory on one core for 12 layers of 384.
    """
    weights, tokenizer = checkpoint.weights, checkpoint.tokenizer
    tokenizer.save(str(folder / TOKENIZER), pretty=False)
    layers = checkpoint.feature_layers
    exact = graph.build_graph(weights, graph.full_precision, layers)
    names = graph.linear_inputs(weights.config.layers)
    ranges = quantise.observe(exact, names, _calibrating(checkpoint))
    served = graph.build_graph(weights, quantise.StaticInt8(ranges), layers)
    onnx.save(served, str(folder / GRAPH))
    settings = {
        "base": checkpoint.base,
        "dimension": weights.config.hidden,
        "width": weights.config.hidden * len(layers),
        "feature_layers": list(layers),
        "max_tokens": weights.config.positions,
        "begin": checkpoint.begin,
        "end": checkpoint.end,
        "padding": checkpoint.padding,
        "prefixes": dict(checkpoint.prefixes),
    }
    (folder / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    if keep_weights:
        _write_weights(checkpoint, folder)


def ensure_encoder(
    store: ModelStore, checkpoint: Checkpoint, keep_weights: bool = False
) -> tuple[str, str]:
    """Name and version of the checkpoint's encoder in the store, made first if it is absent."""
    name = artifact_name(checkpoint.base)
    made_of = {
        "base": checkpoint.base,
        "source": checkpoint.source,
        "format": FORMAT,
        "weights": "kept" if keep_weights else "none",
    }
    stored = store.latest(name, made_of)
    if stored is not None:
        return name, stored
    with tempfile.TemporaryDirectory() as folder:
        build_encoder(checkpoint, Path(folder), keep_weights)
        return name, store.put(name, Path(folder), made_of)


def _write_weights(checkpoint: Checkpoint, folder: Path) -> None:
    # Here, so that building without them needs no safetensors.
    from safetensors.numpy import save_file  # noqa: PLC0415

    from shared.encoder.huggingface import config_of, to_tensors  # noqa: PLC0415

    tensors = to_tensors(checkpoint.weights)
    halves = {name: tensor.astype(np.float16) for name, tensor in tensors.items()}
    save_file(halves, folder / WEIGHTS)
    content = config_of(checkpoint)
    (folder / WEIGHTS_CONFIG).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _calibrating(checkpoint: Checkpoint) -> Iterator[list[int]]:
    """Token ids of the texts that show how large the activations become."""
    longest = checkpoint.weights.config.positions - 2
    for told in calibration.TEXTS:
        kind, _, text = told.partition(": ")
        prefixed = checkpoint.prefixes[kind] + text
        ids = checkpoint.tokenizer.encode(prefixed, add_special_tokens=False).ids
        yield [checkpoint.begin, *ids[:longest], checkpoint.end]
