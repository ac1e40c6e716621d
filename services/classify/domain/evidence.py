"""The words that carried a decision.

A linear head on the mean over tokens decomposes exactly: token t adds h_t . w / n to the logit. The
constant part is spread evenly over the tokens, so that the weights of all tokens add up to the
logit, and a token like the average one weighs nothing but its share of the bias. What a head knows
of the words themselves is added where they stand.
"""

from bisect import bisect_right
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


class Parts(NamedTuple):
    """Parts of a text by their characters, in order (empty for what is not of it), and what each
    adds to the logit of each decision: float32 [parts, decisions]."""

    spans: Sequence[Span]
    shares: Floats


def clues(text: str, tokens: Parts, words: Parts, offsets: Floats, most: int) -> list[list[Clue]]:
    """For each decision the `most` words that spoke most for it, then all the rest as one clue.

    tokens: what is added by the meaning of the encoder's tokens; words: by the words as such.
    offsets: float32 [decisions], the logits' constant parts.
    A decision's weights add up to its logit.
    """
    told, of_tokens = _words(text, tokens.spans)
    begins = [start for start, _ in told[1:]]
    owners = np.array([*of_tokens, *(bisect_right(begins, start) for start, _ in words.spans)])
    each = np.concatenate([tokens.shares + offsets / len(tokens.spans), words.shares])
    return [
        _strongest(told, np.bincount(owners, column, len(told)).tolist(), most) for column in each.T
    ]


def _strongest(words: Sequence[Span], weights: Sequence[float], most: int) -> list[Clue]:
    """The first of the words is what is no word."""
    order = sorted(range(1, len(words)), key=weights.__getitem__, reverse=True)[:most]
    shown = [Clue(words[place][0], words[place][1], weights[place]) for place in order]
    return [*shown, Clue(0, 0, sum(weights) - sum(clue.weight for clue in shown))]


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
