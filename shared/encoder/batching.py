"""How texts become batches: long ones in windows, similar lengths together."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def windows(tokens: Sequence[T], limit: int) -> list[list[T]]:
    """Cuts the tokens into as few windows of at most `limit` as hold them all, of equal size
    (give or take one) and without overlap. No tokens make one empty window."""
    count = max(1, -(-len(tokens) // limit))
    edges = [len(tokens) * number // count for number in range(count + 1)]
    return [list(tokens[edges[i] : edges[i + 1]]) for i in range(count)]


def batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Indices in batches of similar length; each, padded, has at most `budget` tokens.

    A text longer than the budget is a batch of its own. Every index occurs once.
    """
    result: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        # Sorted, so the newcomer is the longest and sets the padding.
        if result and (len(result[-1]) + 1) * lengths[index] <= budget:
            result[-1].append(index)
        else:
            result.append([index])
    return result
