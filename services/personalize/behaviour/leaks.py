"""Columns that give the answer away: known only afterwards, or the target under another name."""

import numpy as np

from services.personalize.behaviour.figures import auc
from services.personalize.behaviour.schema import Cells, Flags, Schema

TOO_GOOD = 0.995
"""The AUC of a single column above which it is held to be a leak."""


def leaks(schema: Schema, cells: Cells, truth: Flags) -> dict[str, float]:
    """The columns that alone nearly determine the target, with their AUC.

    A number ranks rows as it is, missing ones before or after all others; a category by the share
    of rows that have the label.
    """
    found = {}
    for place, column in enumerate(schema.columns):
        values = cells.values[:, place]
        if column.kind == "category":
            codes = np.where(np.isnan(values), column.codes, values).astype(int)
            total = np.bincount(codes, minlength=column.codes + 1)
            having = np.bincount(codes, truth, minlength=column.codes + 1)
            rankings = [having[codes] / total[codes]]
        else:
            rankings = [np.where(np.isnan(values), end, values) for end in (-np.inf, np.inf)]
        alone = max(max(a, 1 - a) for a in (auc(ranking, truth) for ranking in rankings))
        if alone > TOO_GOOD:
            found[column.name] = round(alone, 4)
    return found
