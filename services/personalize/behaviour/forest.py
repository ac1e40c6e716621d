"""Boosted trees that are served, and what each column did to a row's log-odds on its way down."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.personalize.behaviour.schema import Flags, Floats

Indices = NDArray[np.int64]

NUMBER = -1
"""In place of a category's code: the split asks for a number."""
LEAF = -1
"""In place of a child: there is none."""

_PORTION = 512


@dataclass(frozen=True)
class Forest:
    """Trees whose values are added up. One entry a node, children after their parent.

    column: int64, the column that is asked for, 0 at a leaf. level: int64, the code of a category
    that is told from all others (1 against 0), or NUMBER. threshold: float64; up to it a row goes
    left. missing_left: where a row without the number goes. left, right: int64, the children, or
    LEAF. value: float64, log-odds: that of a leaf, or the mean over the rows learned from that
    came by. roots: int64 [trees]. bias: the log-odds before any tree.
    """

    column: Indices
    level: Indices
    threshold: Floats
    missing_left: Flags
    left: Indices
    right: Indices
    value: Floats
    roots: Indices
    bias: float

    def parts(self, values: Floats) -> tuple[float, Floats]:
        """The mean row's log-odds, and what each column adds to them [rows, columns].

        Every step down changes the expected value; the change is that of the column asked for
        (Saabas 2014, "Interpreting random forests"). The parts add up exactly. Unlike Shapley
        values they give a column that is asked for further down more of what several do together.
        """
        base = self.bias + float(self.value[self.roots].sum())
        portions = [self._parts(portion) for portion in _portions(values)]
        return base, np.concatenate([np.zeros((0, values.shape[1])), *portions])

    def _parts(self, values: Floats) -> Floats:
        parts = np.zeros(values.shape)
        rows = np.arange(len(values))[:, None]
        node = np.broadcast_to(self.roots, (len(values), len(self.roots)))
        for _ in range(self._depth):
            child = self._child(values, rows, node)
            np.add.at(
                parts,
                (np.broadcast_to(rows, node.shape), self.column[node]),
                self.value[child] - self.value[node],
            )
            node = child
        return parts

    def log_odds(self, values: Floats) -> Floats:
        """float64 [rows] for cells [rows, columns]."""
        portions = [self._log_odds(portion) for portion in _portions(values)]
        return np.concatenate([np.zeros(0), *portions])

    def _log_odds(self, values: Floats) -> Floats:
        rows = np.arange(len(values))[:, None]
        node = np.broadcast_to(self.roots, (len(values), len(self.roots)))
        for _ in range(self._depth):
            node = self._child(values, rows, node)
        odds: Floats = self.value[node].sum(axis=1) + self.bias
        return odds

    def _child(self, values: Floats, rows: Indices, node: Indices) -> Indices:
        """The next nodes [rows, trees]; a leaf stays where it is."""
        found, level = values[rows, self.column[node]], self.level[node]
        asked = np.where(level == NUMBER, found, found == level)
        goes_left = np.where(
            np.isnan(asked), self.missing_left[node], asked <= self.threshold[node]
        )
        child = np.where(goes_left, self.left[node], self.right[node])
        return np.where(child == LEAF, node, child)

    @cached_property
    def _depth(self) -> int:
        """Steps down the longest way."""
        depth, level = 0, self.roots
        while len(level):
            children = np.concatenate([self.left[level], self.right[level]])
            level = children[children != LEAF]
            depth += len(level) > 0
        return depth

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything by name, to be stored."""
        return {
            "column": self.column.astype(np.int32),
            "level": self.level.astype(np.int32),
            "threshold": self.threshold,
            "missing_left": self.missing_left,
            "left": self.left.astype(np.int32),
            "right": self.right.astype(np.int32),
            "value": self.value,
            "roots": self.roots.astype(np.int32),
            "bias": np.array(self.bias),
        }

    @staticmethod
    def stored(arrays: Mapping[str, NDArray[np.generic]]) -> "Forest":
        """What `arrays` gave. Raises KeyError."""
        column, level, left, right, roots = (
            arrays[name].astype(np.int64) for name in ("column", "level", "left", "right", "roots")
        )
        return Forest(
            column,
            level,
            arrays["threshold"].astype(np.float64),
            arrays["missing_left"].astype(np.bool_),
            left,
            right,
            arrays["value"].astype(np.float64),
            roots,
            float(arrays["bias"].astype(np.float64)),
        )


def _portions(values: Floats) -> list[Floats]:
    """A few rows at a time: every one of them is in every tree at once."""
    return [values[start : start + _PORTION] for start in range(0, len(values), _PORTION)]
