"""From a table to a model: what is learned, how well it does on unseen rows, what matters."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
from tqdm import tqdm

from services.personalize.behaviour.choosing import (
    choose,
    fits_of,
    unseen_fits,
    unseen_probabilities,
)
from services.personalize.behaviour.figures import Figures, figures
from services.personalize.behaviour.leaks import leaks
from services.personalize.behaviour.looking import looked_at
from services.personalize.behaviour.model import BehaviourModel, matter_of
from services.personalize.behaviour.table import Table
from services.personalize.behaviour.target import target_of

LARGE = 50_000
"""Rows below which threads wait for each other longer than they work."""


@dataclass(frozen=True)
class Wanted:
    """What is to be predicted, and from what it must not be."""

    target: str
    positive: str | None = None
    ignored: tuple[str, ...] = ()
    seed: int = 0
    threads: int = 1


@dataclass(frozen=True)
class Trained:
    """The model and everything that is told of it.

    figures: on unseen rows. chosen: the recipe and the log-loss of all candidates. matter: the
    share of all influence by column, the largest first. leaks: suspicious columns with their AUC.
    """

    model: BehaviourModel
    figures: Figures
    chosen: dict[str, Any]
    matter: dict[str, float]
    leaks: dict[str, float]
    left_out: list[str]


def train(table: Table, wanted: Wanted, tell: Callable[[str], object]) -> Trained:
    """Raises TableError. Equal arguments give an equal model, however many threads there are."""
    table, target = target_of(table, wanted.target, wanted.positive, tell)
    left_out: list[str] = []
    schema = looked_at(table, {wanted.target, *wanted.ignored}, left_out.append)
    for what in left_out:
        tell(what)
    cells = schema.cells(table.rows())
    found = leaks(schema, cells, target.truth)
    for name, alone in found.items():
        tell(
            f"WARNING: column {name} alone tells {wanted.target} (AUC {alone:.3f}): is it known "
            f"before {wanted.target} is? If not: --ignore {name}"
        )
    truth, seed = target.truth, wanted.seed
    fits = unseen_fits(len(truth)) + fits_of(len(truth))
    with _steady(wanted.threads, len(truth)), tqdm(total=fits, desc="fit", unit="model") as bar:
        unseen, folds = unseen_probabilities(schema, cells, truth, seed, bar.update)
        chosen = choose(schema, cells.values, truth, seed, bar.update)
    matter = matter_of(chosen.blend, cells.values)
    model = BehaviourModel(
        wanted.target, target.positive, schema, chosen.blend, float(truth.mean()), matter
    )
    order = np.argsort(-matter, kind="stable").tolist()
    return Trained(
        model,
        figures(unseen, truth, folds, seed),
        {"model": chosen.name, "log_loss": chosen.losses},
        {schema.columns[place].name: round(float(matter[place]), 4) for place in order},
        found,
        left_out,
    )


def ignored_of(columns: Iterable[str], identifier: str | None) -> tuple[str, ...]:
    """Columns not to learn from; an identifier is only one more of them."""
    return tuple(dict.fromkeys([*columns, *([identifier] if identifier else [])]))


def _steady(threads: int, rows: int) -> Any:
    """Linear algebra in one thread, for several round differently; trees do not, and gain by
    several where there are many rows."""
    return threadpool_limits({"blas": 1, "openmp": threads if rows >= LARGE else 1})
