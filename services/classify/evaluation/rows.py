"""Labelled messages to judge a classifier by, read as training reads them.

Unlike there every row counts, a repeated text too, and a label may have a single row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.classify.training.data import NEEDED, complaint_about, example_of, files_of
from services.classify.training.scope import OUTSIDE
from services.classify.training.taxonomy import Taxonomy
from shared.rows import DataError, refuse, rows_of

Labels = Mapping[str, Sequence[str]]
"""What a classifier may answer, by head."""


@dataclass(frozen=True, slots=True)
class Row:
    """A message with its labels by head; `where` is its file and line.

    `is_outside` says that its intent means out of scope.
    """

    where: str
    text: str
    language: str
    labels: Mapping[str, str]
    is_outside: bool


def outside_labels(intents: Sequence[str]) -> frozenset[str]:
    """The intents that mean out of scope: the classifier's own, else all that are usual."""
    return frozenset(OUTSIDE) & frozenset(intents) or frozenset(OUTSIDE)


def read_rows(paths: Sequence[Path], labels: Labels) -> list[Row]:
    """All rows of the files. Raises DataError or OSError, for a label that the classifier does not
    know as for any other bad row."""
    outside = outside_labels(labels["intent"])
    permitted = {head: tuple(known) for head, known in labels.items()}
    permitted["intent"] += tuple(outside - set(permitted["intent"]))
    taxonomy = Taxonomy(permitted, {})
    problems: list[str] = []
    rows: list[Row] = []
    for path in files_of(paths):
        for line, content in rows_of(path, NEEDED):
            complaint = complaint_about(content, taxonomy)
            if complaint:
                problems.append(f"{path}:{line}: {complaint}")
                continue
            example = example_of(content)
            is_outside = example.labels["intent"] in outside
            where = f"{path.name}:{line}"
            rows.append(Row(where, example.text, example.language, example.labels, is_outside))
    refuse(problems)
    if not rows:
        raise DataError(f"{', '.join(map(str, paths))}: no rows")
    return rows
