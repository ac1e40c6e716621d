"""Keeping the strongest entries of a large item-to-item matrix."""

from collections.abc import Iterable

import numpy as np

from services.personalize.domain.histories import Floats, Indices
from services.personalize.recommender.scorers import Neighbours

BLOCK = 256
"""Rows looked at together: bounds the memory."""


def strongest(blocks: Iterable[Floats], most: int) -> Neighbours:
    """Of each item the `most` items that speak most for or against it.

    The blocks, one after the other, are rows of [items, past items]: how much a past item speaks
    for the row's item.
    """
    rows: list[Indices] = []
    columns: list[Indices] = []
    weights: list[Floats] = []
    size = 0
    for block in blocks:
        kept = min(most, block.shape[1])
        chosen = np.argpartition(-np.abs(block), kept - 1, axis=1)[:, :kept]
        values = np.take_along_axis(block, chosen, axis=1)
        there = values != 0
        rows.append(np.repeat(np.arange(size, size + len(block)), there.sum(axis=1)))
        columns.append(chosen[there])
        weights.append(values[there].astype(np.float32))
        size += len(block)
    if not rows:
        return Neighbours(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    target, past = np.concatenate(rows), np.concatenate(columns)
    order = np.lexsort((target, past))
    counts = np.bincount(past, minlength=size)
    return Neighbours(
        np.concatenate([[0], np.cumsum(counts)]),
        target[order].astype(np.int32),
        np.concatenate(weights)[order],
    )
