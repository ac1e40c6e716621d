"""The encoder artifact: its name in the model store and the names of its files."""

import re

GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"
SETTINGS = "encoder.json"
WEIGHTS = "weights.safetensors"
WEIGHTS_CONFIG = "weights.json"
"""In half precision, for the torch backend; only where they were asked for."""

FORMAT = "2"
"""Changes when what is served cannot read what was stored before."""


def artifact_name(base: str) -> str:
    """The artifact's name for a model's name: `org/Some_Model` is `encoder-some_model`."""
    return "encoder-" + re.sub(r"[^a-z0-9._-]+", "-", base.rstrip("/").rpartition("/")[2].lower())


NAME = artifact_name("intfloat/multilingual-e5-small")
"""The default encoder's."""
