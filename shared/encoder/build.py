"""Makes the encoder artifact: `model.onnx`, `tokenizer.json` and `encoder.json`.

Deterministic on one kind of CPU: the same bytes, so the same version in the model store. Another
kind may round a scale differently, which makes another version with vectors all but equal.
"""

import json
import tempfile
from pathlib import Path

import onnx

from shared.encoder import calibration, graph, packed, quantise, vocabulary
from shared.encoder.files import GRAPH, NAME, SETTINGS, TOKENIZER
from shared.modelstore import ModelStore

BASE = "intfloat/multilingual-e5-small"


def build_encoder(folder: Path) -> None:
    """Writes the artifact's files into an existing folder; raises PackedFileError.

    Takes about 10 seconds and 1.2 GB of memory on one core.
    """
    model = packed.read(packed.default_path())
    tokenizer = vocabulary.build_tokenizer(model.vocabulary)
    tokenizer.save(str(folder / TOKENIZER), pretty=False)
    exact = graph.build_graph(model, graph.full_precision)
    names = graph.linear_inputs(model.config.layers)
    ranges = quantise.observe(exact, names, tokenizer, calibration.TEXTS)
    onnx.save(graph.build_graph(model, quantise.StaticInt8(ranges)), str(folder / GRAPH))
    settings = {
        "base": BASE,
        "dimension": model.config.hidden,
        "max_tokens": model.config.positions,
        "begin": model.vocabulary.bos,
        "end": model.vocabulary.eos,
        "padding": model.vocabulary.pad,
        "prefixes": {"query": "query: ", "passage": "passage: "},
    }
    (folder / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def ensure_encoder(store: ModelStore) -> str:
    """The version of the encoder in the store, made and stored first if there is none."""
    stored = store.latest(NAME)
    if stored is not None:
        return stored
    with tempfile.TemporaryDirectory() as folder:
        build_encoder(Path(folder))
        return store.put(NAME, Path(folder), {"base": BASE, "licence": "MIT"})
