"""The classifier artifact's files: numbers as .npz without pickle, the rest as JSON.

heads.npz         mean, scale, the lexicon, and each head's weight, bias and terms
scope.npz         what tells messages that are out of scope
classifier.json   the encoder it needs, labels and temperature of each head, the taxonomy
model-card.md     for people
metrics.json      how well it did on texts it had not seen
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.classify.domain.heads import HEADS, Head, Heads
from services.classify.domain.lexicon import Lexicon
from services.classify.domain.scope import OutOfScope

NAME = "classifier"
"""The artifact's name in the model store."""

FORMAT = "4"
"""Changes when what is served cannot read what was stored before."""

_HEADS = "heads.npz"
_SCOPE = "scope.npz"
_DESCRIPTION = "classifier.json"
_METRICS = "metrics.json"


@dataclass(frozen=True)
class EncoderReference:
    """Which encoder made the vectors; no other one's vectors fit the heads."""

    name: str
    version: str


def save(
    folder: Path,
    heads: Heads,
    scope: OutOfScope,
    encoder: EncoderReference,
    *,
    taxonomy: Mapping[str, Any],
    metrics: Mapping[str, Any],
) -> None:
    """Writes the artifact's files into an existing folder; equal content gives equal bytes."""
    arrays: dict[str, NDArray[Any]] = {
        "mean": heads.mean,
        "scale": heads.scale,
        "lexicon.keys": heads.lexicon.keys,
        "lexicon.idf": heads.lexicon.idf,
    }
    for name, head in heads.by_name.items():
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = head.weight, head.bias
        if head.term_weight is not None:
            arrays[f"{name}.terms"] = head.term_weight
    np.savez(folder / _HEADS, allow_pickle=False, **arrays)
    np.savez(folder / _SCOPE, allow_pickle=False, **scope.arrays())
    description = {
        "encoder": {"name": encoder.name, "version": encoder.version},
        "heads": {
            name: {"labels": list(head.labels), "temperature": head.temperature}
            for name, head in heads.by_name.items()
        },
        "taxonomy": taxonomy,
    }
    _write(folder / _DESCRIPTION, description)
    _write(folder / _METRICS, metrics)


def load(folder: Path) -> tuple[Heads, OutOfScope, EncoderReference]:
    """The heads, the scope and the encoder they need. Raises OSError, ValueError or KeyError."""
    description = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    with np.load(folder / _HEADS, allow_pickle=False) as arrays:
        by_name = {
            name: Head(
                tuple(description["heads"][name]["labels"]),
                arrays[f"{name}.weight"],
                arrays[f"{name}.bias"],
                float(description["heads"][name]["temperature"]),
                arrays.get(f"{name}.terms"),
            )
            for name in HEADS
        }
        lexicon = Lexicon(arrays["lexicon.keys"], arrays["lexicon.idf"])
        heads = Heads(arrays["mean"], arrays["scale"], by_name, lexicon)
    with np.load(folder / _SCOPE, allow_pickle=False) as arrays:
        scope = OutOfScope.of(arrays)
    return heads, scope, EncoderReference(**description["encoder"])


def _write(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
