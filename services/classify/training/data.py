"""Labelled messages from CSV and JSONL files, with a reason for every row that cannot be used."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from services.classify.domain.heads import HEADS
from services.classify.training.taxonomy import Taxonomy
from shared.events import Priority, Sentiment
from shared.rows import SUFFIXES, DataError, refuse, rows_of

FIXED = {"sentiment": get_args(Sentiment), "priority": get_args(Priority)}
NEEDED = ("intent", "text")


@dataclass(frozen=True)
class Example:
    """One message. `labels` holds the heads it is labelled for."""

    text: str
    language: str
    labels: Mapping[str, str]


def read_examples(
    paths: Sequence[Path],
    taxonomy: Taxonomy | None,
    tell: Callable[[str], object] = lambda _: None,
) -> list[Example]:
    """All rows of the files, folders searched for .csv and .jsonl; a repeated text counts once.

    `text` and `intent` are needed; `lang`, `sentiment` and `priority` may be missing or empty.
    Without a taxonomy every intent is permitted. Of a text with several labels, as people's data
    have them, the first counts and `tell` is told of the others. Raises DataError.
    """
    problems: list[str] = []
    examples: dict[str, Example] = {}
    for path in files_of(paths):
        for line, row in rows_of(path, NEEDED):
            complaint = complaint_about(row, taxonomy)
            if complaint:
                problems.append(f"{path}:{line}: {complaint}")
                continue
            example = example_of(row)
            known = examples.setdefault(example.text, example)
            if known.labels != example.labels:
                tell(f"{path}:{line}: left out: the same text stands before with other labels")
    problems = problems or _too_few(examples.values())
    refuse(problems)
    return list(examples.values())


def completed(examples: Sequence[Example], others: Sequence[Example]) -> list[Example]:
    """The examples, and for heads none of them is labelled for, other ones that are."""
    labelled = {head for example in examples for head in example.labels}
    missing = set(HEADS) - labelled
    borrowed = [
        Example(
            other.text, other.language, {h: other.labels[h] for h in missing & set(other.labels)}
        )
        for other in others
    ]
    return [*examples, *(other for other in borrowed if other.labels)]


def described(taxonomy: Taxonomy, examples: Sequence[Example]) -> list[Example]:
    """The names and examples of the intents that occur among `examples`, as further messages: with
    few messages a label, its name teaches as much as one more."""
    occurring = {example.labels.get("intent") for example in examples}
    known = {example.text for example in examples}
    texts = {
        text: label
        for label, told in taxonomy.intents.items()
        for text in (told["en"], told["zh"], *taxonomy.examples.get(label, ()))
        if label in occurring and text not in known
    }
    return [Example(text, "und", {"intent": label}) for text, label in texts.items()]


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The files, and those in the folders, that rows can be read from. Raises DataError."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise DataError(f"{path}: no such file or folder")
        inside = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES) if path.is_dir() else []
        if path.is_dir() and not inside:
            raise DataError(f"{path}: no .csv or .jsonl file in this folder")
        if path.is_file() and path.suffix not in SUFFIXES:
            raise DataError(f"{path}: only .csv and .jsonl files can be read")
        found += inside or [path]
    return found


def complaint_about(row: Any, taxonomy: Taxonomy | None) -> str | None:
    """What is wrong with a row, or None."""
    if not isinstance(row, Mapping):
        return "not an object"
    if None in row:
        return "more fields than the header names"
    for name in ("text", "lang", *HEADS):
        if not isinstance(row.get(name), str | None):
            return f"{name} is not text"
    for name in ("text", "intent"):
        if not (row.get(name) or "").strip():
            return f"{name} is empty"
    for head in HEADS:
        label = (row.get(head) or "").strip()
        known = FIXED.get(head) if taxonomy is None else taxonomy.labels[head]
        if label and known is not None and label not in known:
            return f"unknown {head} {label!r}"
    return None


def example_of(row: Mapping[str, str | None]) -> Example:
    """A row that there is nothing to complain about."""
    values = {name: (row.get(name) or "").strip() for name in ("text", "lang", *HEADS)}
    labels = {head: values[head] for head in HEADS if values[head]}
    return Example(values["text"], values["lang"] or "und", labels)


def _too_few(examples: Iterable[Example]) -> list[str]:
    """A label needs two rows to be learned and checked, and a head two labels; sentiment and
    priority may be missing altogether."""
    problems: list[str] = []
    rows = list(examples)
    for head in HEADS:
        counts = Counter(row.labels[head] for row in rows if head in row.labels)
        if not counts and head != "intent":
            continue
        if len(counts) < 2:
            problems.append(f"{head}: {len(counts)} label(s) in the data, at least 2 are needed")
        problems += [
            f"{head} {label!r}: fewer than two rows" for label, n in counts.items() if n < 2
        ]
    return problems
