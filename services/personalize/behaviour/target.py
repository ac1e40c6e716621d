"""What is to be predicted: the rows' labels as yes or no."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.personalize.behaviour.schema import Flags
from services.personalize.behaviour.table import Table, TableError
from services.personalize.behaviour.values import value_of

FEWEST = 20
"""Rows of either label below which nothing can be learned and checked."""
_YES = frozenset({"yes", "y", "true", "t", "1", "1.0"})
_NO = frozenset({"no", "n", "false", "f", "0", "0.0", "-1"})
_SHOWN = 5


@dataclass(frozen=True)
class Target:
    """The label whose probability is predicted, and for each row of the table whether it has it."""

    column: str
    positive: str
    truth: Flags


def target_of(
    table: Table,
    column: str,
    positive: str | None = None,
    tell: Callable[[str], object] = lambda _: None,
) -> tuple[Table, Target]:
    """The rows that have a label, and their labels.

    Without `positive` it is the label that means yes, or else the rarer one. With it, all other
    labels together are the contrary. Raises TableError.
    """
    if column not in table.columns:
        there = ", ".join(table.columns)
        raise TableError(f"{table.path}: no column {column}; there are {there}")
    labels = table.columns[column]
    labelled = [row for row, label in enumerate(labels) if label is not None]
    if len(labelled) < len(table):
        first = next(row for row, label in enumerate(labels) if label is None)
        tell(
            f"{table.path}:{table.lines[first]}: {column} is missing: left out, as "
            f"{len(table) - len(labelled) - 1} more rows"
        )
        table = table.only(labelled)
    counts = Counter(label for label in table.columns[column] if label is not None)
    chosen = _positive(table, column, counts, value_of(positive), tell)
    truth = np.array([label == chosen for label in table.columns[column]], np.bool_)
    fewest = int(min(truth.sum(), (~truth).sum()))
    if fewest < FEWEST:
        raise TableError(
            f"{table.path}: {column} is {chosen} in {int(truth.sum())} of {len(truth)} rows; "
            f"at least {FEWEST} with it and without it are needed"
        )
    return table, Target(column, chosen, truth)


def _positive(
    table: Table,
    column: str,
    counts: Counter[str],
    positive: str | None,
    tell: Callable[[str], object],
) -> str:
    shown = ", ".join(label for label, _ in counts.most_common(_SHOWN))
    shown += ", ..." if len(counts) > _SHOWN else ""
    if positive is not None:
        if positive not in counts:
            raise TableError(f"{table.path}: no row has {column} {positive}; there are {shown}")
        if len(counts) > 2:
            tell(f"{column}: {positive} against {len(counts) - 1} other labels together")
        return positive
    if len(counts) > 2:
        raise TableError(
            f"{table.path}: {column} has {len(counts)} labels ({shown}), two are needed: name one "
            "by --positive to tell it from all the others, or another column by --target"
        )
    if len(counts) < 2:
        raise TableError(f"{table.path}: {column} is {shown or 'missing'} in every row")
    yes = [label for label in counts if label.lower() in _YES]
    no = [label for label in counts if label.lower() in _NO]
    if len(yes) == 1 and len(no) == 1:
        return yes[0]
    rarer = min(counts, key=lambda label: (counts[label], label))
    tell(f"{column}: predicting {rarer}, the rarer label; --positive names another")
    return rarer
