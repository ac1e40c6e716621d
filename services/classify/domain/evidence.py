"""The words that carried a decision.

A linear head on the mean over tokens decomposes exactly: token t adds h_t . w / n to the logit. The
constant part is spread evenly over the tokens, so that the weights of all tokens add up to the
logit, and a token like the average one weighs nothing but its share of the bias.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.classify.domain.heads import Floats

Span = tuple[int, int]


class Clue(NamedTuple):
    """A word at characters `start` to `end` of the text, and what it adds to the logit.

    The one at (0, 0) is everything else: the marks around the text, and words not shown.
    """

    start: int
    end: int
    weight: float


def clues(
    text: str, spans: Sequence[Span], shares: Floats, offsets: Floats, most: int
) -> list[list[Clue]]:
    """For each decision the `most` words that spoke most for it, then all the rest as one clue.

    spans: the tokens' characters in the text, empty for tokens that are not of it.
    shares: float32 [tokens, decisions], what each token adds to the logit of each.
    offsets: float32 [decisions], the logits' constant parts.
    A decision's weights add up to its logit.
    """
    words, owners = _words(text, spans)
    each = shares + offsets / len(spans)
    weights = np.stack([np.bincount(owners, column, len(words)) for column in each.T], axis=1)
    order = np.argsort(-weights[1:], axis=0, kind="stable")[:most] + 1
    shown = np.take_along_axis(weights, order, axis=0)
    rest = weights.sum(axis=0) - shown.sum(axis=0)
    return [
        [
            *(
                Clue(words[place][0], words[place][1], weight)
                for place, weight in zip(places, told, strict=True)
            ),
            Clue(0, 0, others),
        ]
        for places, told, others in zip(
            order.T.tolist(), shown.T.tolist(), rest.tolist(), strict=True
        )
    ]


def _words(text: str, spans: Sequence[Span]) -> tuple[list[Span], list[int]]:
    """The words that the tokens make, after (0, 0) for what is no word; each token's word."""
    words: list[Span] = [(0, 0)]
    owners: list[int] = []
    for begin, end in spans:
        start = begin
        while start < end and text[start].isspace():
            start += 1
        if start >= end:
            owners.append(0)
            continue
        last_start, last_end = words[-1]
        if last_end and (start < last_end or (start == last_end and _is_inside(text, start))):
            words[-1] = (last_start, max(last_end, end))
        else:
            words.append((start, end))
        owners.append(len(words) - 1)
    return words, owners


def _is_inside(text: str, place: int) -> bool:
    """Whether a place is within a word: Latin words may be cut into several tokens."""
    before, after = text[place - 1], text[place]
    return before.isalnum() and after.isalnum() and max(before, after) < "\u2e80"
