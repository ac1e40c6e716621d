"""All that a retrained version was made from, stored with it: training again gives the same.

snapshot/base.jsonl       the messages learned from besides the rows, and the held-out tenth of them
snapshot/rows.jsonl       what people said, with its ticket and time; neither customers nor agents
snapshot/taxonomy.yaml    the intents
snapshot/settings.json    seed, settings, the encoder, and how the holdout is chosen
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from services.classify.artifact import EncoderReference
from services.classify.domain.heads import HEADS
from services.classify.retraining.material import Material, Plan, read_rows
from services.classify.training.data import Example
from services.classify.training.taxonomy import read_taxonomy
from shared.rows import DataError, rows_of

FOLDER = "snapshot"
HOLDOUT = "tenth by hash of letters, 1"
"""Changes when other texts are held out: what learned from them cannot be judged by them."""

_BASE = "base.jsonl"
_ROWS = "rows.jsonl"
_TAXONOMY = "taxonomy.yaml"
_SETTINGS = "settings.json"


def write(artifact: Path, material: Material) -> None:
    """Adds the snapshot to the artifact's folder; equal material gives equal bytes."""
    folder = artifact / FOLDER
    folder.mkdir()
    _write_lines(
        folder / _BASE,
        ({"text": e.text, "lang": e.language, **e.labels} for e in material.base),
    )
    _write_lines(folder / _ROWS, map(asdict, material.rows))
    intents = {
        label: {**described, "examples": list(material.taxonomy.examples.get(label, ()))}
        for label, described in material.taxonomy.intents.items()
    }
    # JSON is YAML.
    _write(folder / _TAXONOMY, {"intents": intents})
    settings = {
        "holdout": HOLDOUT,
        "encoder": asdict(material.encoder),
        "plan": asdict(material.plan),
    }
    _write(folder / _SETTINGS, settings)


def read(artifact: Path) -> Material:
    """What the artifact in this folder was made from. Raises DataError if it does not say so."""
    folder = artifact / FOLDER
    if not (folder / _SETTINGS).is_file():
        raise DataError(f"{artifact.name} has no snapshot: it does not come from retraining")
    settings = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
    return Material(
        base=[_example(row) for _, row in rows_of(folder / _BASE, ())],
        rows=read_rows(folder / _ROWS),
        taxonomy=read_taxonomy(folder / _TAXONOMY),
        encoder=EncoderReference(**settings["encoder"]),
        plan=Plan(**settings["plan"]),
    )


def leaves_out_the_holdout(artifact: Path) -> bool:
    """Whether the artifact in this folder never learned from the frozen holdout."""
    path = artifact / FOLDER / _SETTINGS
    if not path.is_file():
        return False
    return bool(json.loads(path.read_text(encoding="utf-8"))["holdout"] == HOLDOUT)


def _example(row: Mapping[str, str]) -> Example:
    return Example(row["text"], row["lang"], {head: row[head] for head in HEADS if head in row})


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
