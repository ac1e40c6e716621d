"""From scores of items to the best of them."""

import numpy as np

from services.personalize.domain.histories import Flags, Floats, Indices


def spreads(scores: Floats) -> Floats:
    """float32 [customers]: standard deviations over the items of scores [customers, items]."""
    found: Floats = scores.std(axis=1)
    return found


def levelled(scores: Floats) -> Floats:
    """Scores [customers, items] of a part over their spread, so that parts can be added; without
    an offset, so that what each entry of a history adds stays a sum."""
    spread = spreads(scores)[:, None]
    level: Floats = np.divide(scores, spread, out=np.zeros_like(scores), where=spread > 0)
    return level


def best(scores: Floats, left_out: Flags, most: int) -> Indices:
    """int64 [customers, most]: items by falling score, equal ones in their order; -1 where nothing
    is left."""
    most = min(most, scores.shape[1])
    open_scores = np.where(left_out, -np.inf, scores)
    if most < scores.shape[1]:
        # Of equal scores at the border the first ones count, as in a full sort.
        border = np.partition(open_scores, -most, axis=1)[:, -most, None]
        rows, items = np.nonzero(open_scores >= border)
    else:
        rows, items = np.nonzero(np.ones_like(left_out))
    order = np.lexsort((items, -open_scores[rows, items], rows))
    rows, items = rows[order], items[order]
    starts = np.searchsorted(rows, np.arange(len(scores)))
    chosen = items[starts[:, None] + np.arange(most)]
    allowed = np.isfinite(np.take_along_axis(open_scores, chosen, axis=1))
    return np.where(allowed, chosen, -1)
