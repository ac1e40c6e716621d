"""The `knowledge` artifact: its files, and reading them into an index.

`entries.json`      the entries, the encoder that embedded them, the languages of `centres.npy`
`vectors.npy`       float32 [entries, width], ready for search
`centres.npy`       float32 [languages, width]
`calibration.json`  the logistic regression that turns what is found into a probability
`metrics.json`      how good retrieval and calibration were found to be; not read by the worker
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from services.generate.domain.calibration import FEATURES, Calibration
from services.generate.domain.entries import Entry
from services.generate.domain.retrieval import Floats, Index, Shelf

ARTIFACT = "knowledge"


class UnusableKnowledge(Exception):
    """The files do not fit together or are of another format; the message says what is wrong."""


@dataclass(frozen=True)
class KnowledgeBase:
    """An index, with the name and version of the encoder whose vectors it understands."""

    version: str
    encoder_name: str
    encoder_version: str
    width: int
    index: Index

    @property
    def size(self) -> int:
        return sum(len(shelf.entries) for shelf in self.index.shelves.values())


def write(
    folder: Path,
    index: Index,
    encoder_name: str,
    encoder_version: str,
    metrics: Mapping[str, Any],
) -> None:
    """Write the artifact's files into an existing folder."""
    languages = sorted(index.shelves)
    shelves = [index.shelves[language] for language in languages]
    content = {
        "encoder": {"name": encoder_name, "version": encoder_version},
        "languages": languages,
        "entries": [asdict(entry) for shelf in shelves for entry in shelf.entries],
    }
    _write_json(folder / "entries.json", content)
    _write_json(folder / "calibration.json", {"features": FEATURES, **asdict(index.calibration)})
    _write_json(folder / "metrics.json", metrics)
    vectors = np.concatenate([shelf.vectors for shelf in shelves]).astype("<f4")
    centres = np.stack([shelf.centre for shelf in shelves]).astype("<f4")
    np.save(folder / "vectors.npy", vectors, allow_pickle=False)
    np.save(folder / "centres.npy", centres, allow_pickle=False)


def read(folder: Path, version: str) -> KnowledgeBase:
    """Read the artifact's files. Raises UnusableKnowledge when they do not fit together."""
    try:
        content = _read_json(folder / "entries.json")
        entries = [_entry(fields) for fields in content["entries"]]
        languages = [str(language) for language in content["languages"]]
        calibration = _calibration(_read_json(folder / "calibration.json"))
        vectors = _array(folder / "vectors.npy", len(entries))
        centres = _array(folder / "centres.npy", len(languages))
        encoder = (str(content["encoder"]["name"]), str(content["encoder"]["version"]))
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise UnusableKnowledge(f"its files cannot be read: {type(error).__name__}") from error
    if vectors.shape[1] != centres.shape[1]:
        raise UnusableKnowledge("its vectors are of two widths")
    shelves = _shelves(entries, vectors, dict(zip(languages, centres, strict=True)))
    return KnowledgeBase(version, *encoder, vectors.shape[1], Index(shelves, calibration))


def _shelves(
    entries: Sequence[Entry], vectors: Floats, centres: Mapping[str, Floats]
) -> dict[str, Shelf]:
    shelves = {}
    for language, centre in centres.items():
        rows = [row for row, entry in enumerate(entries) if entry.language == language]
        if not rows:
            raise UnusableKnowledge(f"it has a centre but no entry for language {language}")
        shelves[language] = Shelf(tuple(entries[row] for row in rows), vectors[rows], centre)
    if sum(len(shelf.entries) for shelf in shelves.values()) != len(entries):
        raise UnusableKnowledge("it has entries of a language without a centre")
    return shelves


def _entry(fields: dict[str, Any]) -> Entry:
    return Entry(**{**fields, "intents": tuple(fields["intents"])})


def _calibration(content: Mapping[str, Any]) -> Calibration:
    weights = tuple(float(weight) for weight in content["weights"])
    if tuple(content["features"]) != FEATURES or len(weights) != len(FEATURES):
        raise UnusableKnowledge("its calibration is of another release; `make knowledge`")
    return Calibration(weights, float(content["bias"]))


def _array(path: Path, rows: int) -> Floats:
    array: Floats = np.load(path, allow_pickle=False)
    if array.dtype != np.float32 or array.ndim != 2 or len(array) != rows or rows == 0:
        raise UnusableKnowledge(f"{path.name} is not a float32 matrix of {rows} rows")
    if not np.isfinite(array).all():
        raise UnusableKnowledge(f"{path.name} has a value that is not finite")
    return array


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
