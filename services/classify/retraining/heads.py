"""Whether a candidate still reads sentiment and priority as well as the current model.

People say what a message wanted, seldom how it was said: these heads learn from the same labels
every time, on features centred and words chosen anew. A candidate is not made to be better at them,
so that no proof is asked that nothing was lost, as `overall` asks it: of candidates that are as
good and read 2 % of 900 rows otherwise that would refuse a third. Stopped is what is shown to have
lost more than it may, as a label of the intents is; equal labels give small losses no reason to add
up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from services.classify.retraining.bootstrap import Floats, mean_difference
from services.classify.retraining.limits import Limits
from services.classify.retraining.verdict import Check

JUDGED = ("sentiment", "priority")
"""The heads judged here; the intent's has checks of its own."""


@dataclass(frozen=True)
class Marks:
    """Of the rows whose label of one head is known, 1 for those read right and 0 for the others,
    by the current model and by the candidate: float64 [rows] each."""

    current: Floats
    candidate: Floats


def head_checks(
    marks: Mapping[str, Marks], limits: Limits, rng: np.random.Generator
) -> list[Check]:
    """A check for each head, of that name. With fewer rows than a label needs it is not judged;
    heads are told apart from noise at alpha over their number (Bonferroni)."""
    alpha = limits.alpha / max(1, len(marks))
    return [
        _check(name, told, limits, alpha, rng)
        if len(told.current) >= limits.label_rows
        else _unknown(name, len(told.current))
        for name, told in marks.items()
    ]


def _check(name: str, told: Marks, limits: Limits, alpha: float, rng: np.random.Generator) -> Check:
    difference = mean_difference(told.current, told.candidate, rng)
    low, high = difference.interval(1 - 2 * alpha)
    figures = {
        "rows": float(len(told.current)),
        "current": float(told.current.mean()),
        "candidate": float(told.candidate.mean()),
        "difference": difference.seen,
        "low": low,
        "high": high,
    }
    kept = difference.chance_at_least(-limits.worse) > alpha
    said = f"{name} is not worse beyond noise" if kept else f"{name} is read worse"
    return Check(name, kept, figures, said)


def _unknown(name: str, rows: int) -> Check:
    return Check(name, True, {"rows": float(rows)}, f"too few rows to judge {name} by")
