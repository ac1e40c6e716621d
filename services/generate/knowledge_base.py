"""The `knowledge` artifact: its files, and reading them into an index.

`entries.json`      the entries, the encoder that embedded them, the languages of `centres.npy`
`questions.npy`     float32 [questions, width], each entry's in turn, ready for search
`passages.npy`      float32 [entries, width], the same for what is written
`centres.npy`       float32 [languages, width]
`words/<language>/` the BM25 index of that language's passages
`calibration.json`  the logistic regression that turns what is found into a probability
`metrics.json`      how good retrieval and calibration were found to be; not read by the worker
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from services.generate.domain.calibration import FEATURES, Calibration
from services.generate.domain.entries import Entry
from services.generate.domain.retrieval import Floats, Index, Shelf
from services.generate.domain.words import WordIndex

ARTIFACT = "knowledge"
FORMAT = "2"
"""What the files must say to be read; told as metadata when they are stored, too."""
_DAYS = ("valid_from", "valid_until")


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
        "entries": [_fields(entry) for shelf in shelves for entry in shelf.entries],
    }
    _write_json(folder / "entries.json", content)
    _write_json(folder / "calibration.json", {"features": FEATURES, **asdict(index.calibration)})
    _write_json(folder / "metrics.json", metrics)
    questions = np.concatenate([shelf.questions for shelf in shelves]).astype("<f4")
    passages = np.concatenate([shelf.passages for shelf in shelves]).astype("<f4")
    centres = np.stack([shelf.centre for shelf in shelves]).astype("<f4")
    np.save(folder / "questions.npy", questions, allow_pickle=False)
    np.save(folder / "passages.npy", passages, allow_pickle=False)
    np.save(folder / "centres.npy", centres, allow_pickle=False)
    for language, shelf in zip(languages, shelves, strict=True):
        shelf.words.save(folder / "words" / language)


def read(folder: Path, version: str) -> KnowledgeBase:
    """Read the artifact's files. Raises UnusableKnowledge when they do not fit together."""
    try:
        content = _read_json(folder / "entries.json")
        entries = [_entry(fields) for fields in content["entries"]]
        languages = [str(language) for language in content["languages"]]
        calibration = _calibration(_read_json(folder / "calibration.json"))
        questions = _array(folder / "questions.npy", sum(len(entry.asked) for entry in entries))
        passages = _array(folder / "passages.npy", len(entries))
        centres = _array(folder / "centres.npy", len(languages))
        encoder = (str(content["encoder"]["name"]), str(content["encoder"]["version"]))
        words = {
            language: WordIndex.load(
                folder / "words" / language, sum(entry.language == language for entry in entries)
            )
            for language in languages
        }
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise UnusableKnowledge(f"its files cannot be read: {type(error).__name__}") from error
    if len({array.shape[1] for array in (questions, passages, centres)}) > 1:
        raise UnusableKnowledge("its vectors are of two widths")
    by_language = dict(zip(languages, centres, strict=True))
    shelves = _shelves(entries, questions, passages, by_language, words)
    return KnowledgeBase(version, *encoder, passages.shape[1], Index(shelves, calibration))


def _shelves(
    entries: Sequence[Entry],
    questions: Floats,
    passages: Floats,
    centres: Mapping[str, Floats],
    words: Mapping[str, WordIndex],
) -> dict[str, Shelf]:
    spoken = np.array([entry.language for entry in entries])
    asked_in = np.repeat(spoken, [len(entry.asked) for entry in entries])
    if not set(spoken) <= centres.keys():
        raise UnusableKnowledge("it has entries of a language without a centre")
    shelves = {}
    for language, centre in centres.items():
        here = tuple(entry for entry in entries if entry.language == language)
        if not here:
            raise UnusableKnowledge(f"it has a centre but no entry for language {language}")
        shelves[language] = Shelf(
            here,
            questions[asked_in == language],
            passages[spoken == language],
            centre,
            words[language],
        )
    return shelves


def _fields(entry: Entry) -> dict[str, Any]:
    days = {name: day.isoformat() for name in _DAYS if (day := getattr(entry, name))}
    return {**asdict(entry), **days}


def _entry(fields: dict[str, Any]) -> Entry:
    """The entry of these fields; older files have no days and no version."""
    lists = {name: tuple(fields[name]) for name in ("intents", "questions")}
    days = {name: date.fromisoformat(fields[name]) for name in _DAYS if fields.get(name)}
    return Entry(**{**fields, **lists, **days})


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
