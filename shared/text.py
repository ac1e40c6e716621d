"""Text as models read it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_REPEATS = 3
_REPEATED = re.compile(rf"(.{{1,4}}?)\1{{{MOST_REPEATS},}}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text without long repeats; `offsets[i]` is where its character `i` stood in the whole
    text, with one more entry for the end."""

    text: str
    offsets: Sequence[int]

    @property
    def is_whole(self) -> bool:
        """Whether nothing was cut: every character stands where it stood."""
        return len(self.text) == self.offsets[-1]


def squeeze(text: str) -> Squeezed:
    """The text with every run of a character, or of up to four, cut to three: `sooooo` is `sooo`.

    What is stored stays whole: only models read this. Numbers keep their digits.
    """
    parts: list[str] = []
    offsets: list[int] = []
    position = 0
    for match in _REPEATED.finditer(text):
        if match[1].isdecimal():
            continue
        kept = match.start() + MOST_REPEATS * len(match[1])
        parts.append(text[position:kept])
        offsets += range(position, kept)
        position = match.end()
    if not parts:
        return Squeezed(text, range(len(text) + 1))
    parts.append(text[position:])
    offsets += range(position, len(text) + 1)
    return Squeezed("".join(parts), offsets)
