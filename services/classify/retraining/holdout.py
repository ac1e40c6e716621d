"""The frozen holdout: a tenth of all texts, which no retraining ever learns from.

A text belongs to it or not by its own hash, so the tenth stays the same whatever else is learned
from, and a text that comes again in another row comes to the same side.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from services.classify.training.data import Example

SHARE = 10
"""One text in so many is held out."""

_APART = re.compile(r"[\W\d_]+")


def is_held_out(text: str) -> bool:
    """Equal for texts that differ only in case, width, punctuation, digits and spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = _APART.sub(" ", folded).strip() or text
    digest = hashlib.sha256(letters.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % SHARE == 0


def divided(examples: Iterable[Example]) -> tuple[list[Example], list[Example]]:
    """Those to learn from and those held out, each in order."""
    learned: list[Example] = []
    held_out: list[Example] = []
    for example in examples:
        (held_out if is_held_out(example.text) else learned).append(example)
    return learned, held_out
