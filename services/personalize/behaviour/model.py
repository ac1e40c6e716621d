"""A behaviour model as it is served: a calibrated probability, and what moved it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from services.personalize.behaviour.schema import Cells, Floats, Schema
from services.personalize.behaviour.values import value_of

ENOUGH_KNOWN = 0.4
"""Below this share of what matters known of a row, it gets the prior."""


class Member(Protocol):
    """One of the models whose log-odds are blended."""

    def log_odds(self, values: Floats) -> Floats:
        """float64 [rows] for cells [rows, columns]."""

    def parts(self, values: Floats) -> tuple[float, Floats]:
        """A base, and what each column adds to it [rows, columns]: together the log-odds."""


@dataclass(frozen=True)
class Blend:
    """Log-odds are the members' mean, times `slope`, plus `intercept`: Platt's calibration
    (Platt 1999)."""

    members: tuple[Member, ...]
    slope: float = 1.0
    intercept: float = 0.0

    def log_odds(self, values: Floats) -> Floats:
        """float64 [rows] for cells [rows, columns]."""
        mean = np.mean([member.log_odds(values) for member in self.members], axis=0)
        return np.asarray(self.slope * mean + self.intercept)

    def parts(self, values: Floats) -> tuple[float, Floats]:
        """A base, and what each column adds to it [rows, columns]: together the log-odds."""
        found = [member.parts(values) for member in self.members]
        base = self.slope * sum(base for base, _ in found) / len(found) + self.intercept
        return base, np.asarray(self.slope * np.mean([parts for _, parts in found], axis=0))


@dataclass(frozen=True, slots=True)
class Influence:
    """What a column did to a row's log-odds; `value` is as given, None if it was missing."""

    column: str
    value: str | None
    log_odds: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The probability that a row has the label.

    The influences, the strongest first, add up to log_odds - base. `reliability` is the share of
    what matters that is known of the row, from 0 to 1: columns count by how much they move
    predictions, and `unfamiliar` are those with a value never seen before. `cold` says that too
    little is known: the probability is then the share of all rows, and nothing moved it.
    """

    probability: float
    log_odds: float
    base: float
    influences: tuple[Influence, ...]
    reliability: float
    unfamiliar: tuple[str, ...]
    cold: bool


@dataclass(frozen=True)
class BehaviourModel:
    """Predicts whether `target` is `positive`.

    prior: the share of rows learned from that have the label. matter: float64 [columns], the share
    of all influence that each column had on them.
    """

    target: str
    positive: str
    schema: Schema
    blend: Blend
    prior: float
    matter: Floats

    def predict(self, rows: Sequence[Mapping[str, object]]) -> list[Prediction]:
        """One prediction a row; columns that are not in the schema are not looked at.

        Raises ValueError when a value is not a single one.
        """
        texts = [
            {column.name: value_of(row.get(column.name)) for column in self.schema.columns}
            for row in rows
        ]
        if not texts:
            return []
        cells = self.schema.cells(texts)
        base, parts = self.blend.parts(cells.values)
        reliability = reliabilities(self.schema, cells, self.matter)
        unfamiliar = ~cells.known & ~cells.missing
        return [
            self._prediction(text, base, part, float(known), tuple(np.flatnonzero(strange)))
            for text, part, known, strange in zip(
                texts, parts, reliability, unfamiliar, strict=True
            )
        ]

    def _prediction(
        self,
        row: Mapping[str, str | None],
        base: float,
        parts: Floats,
        reliability: float,
        strange: tuple[int, ...],
    ) -> Prediction:
        names = [column.name for column in self.schema.columns]
        unfamiliar = tuple(names[place] for place in strange)
        if reliability < ENOUGH_KNOWN:
            odds = float(np.log(self.prior / (1 - self.prior)))
            return Prediction(self.prior, odds, odds, (), reliability, unfamiliar, True)
        order = np.argsort(-np.abs(parts), kind="stable").tolist()
        influences = tuple(
            Influence(names[place], row[names[place]], float(parts[place]))
            for place in order
            if parts[place]
        )
        odds = base + float(parts.sum())
        return Prediction(
            float(probability(np.array(odds))),
            odds,
            base,
            influences,
            reliability,
            unfamiliar,
            False,
        )


def matter_of(blend: Blend, values: Floats) -> Floats:
    """The share of all influence that each column has on these cells: float64 [columns] adding up
    to 1."""
    _, parts = blend.parts(values)
    mean = np.abs(parts).mean(axis=0)
    total = float(mean.sum())
    return np.asarray(mean / total) if total else np.full(len(mean), 1 / len(mean))


def reliabilities(schema: Schema, cells: Cells, matter: Floats) -> Floats:
    """For each row the share of what matters that is known of it, float64 [rows] from 0 to 1.

    A value that mostly is missing is missed less: it counts as known as often as it was missing.
    """
    usual = np.array([column.absent for column in schema.columns])
    return np.minimum(np.where(cells.missing, usual, cells.known) @ matter, 1.0)


def probability(log_odds: Floats) -> Floats:
    """The logistic function; no value overflows."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -log_odds)))
