"""Names that something around them told once, wherever else in the text they stand alone."""

import re
from collections.abc import Iterator, Mapping

from services.ingest.domain.pii.kinds import Found
from services.ingest.domain.pii.not_names import NOT_A_NAME
from services.ingest.domain.pii.own_names import WORDS_TOO

_LEAST_LETTERS = 2


def find(text: str, told: Mapping[str, str]) -> Iterator[Found]:
    """Every further place of the names `told`, as they were written, with what each is known by.

    A single word that is a common word too is no name where nothing tells that it is one.
    """
    names = [name for name in told if _tells(name)]
    if not names:
        return
    longest_first = sorted(names, key=len, reverse=True)
    either = "|".join(map(re.escape, longest_first))
    # A Chinese name has no ends to be seen; a Latin one is never part of a word.
    latin = r"A-Za-z0-9\u00c0-\u024f"
    pattern = rf"(?<![{latin}])(?:{either})(?![{latin}])"
    for match in re.finditer(pattern, text):
        yield Found(match.start(), match.end(), "NAME", told[match[0]])


def _tells(name: str) -> bool:
    words = name.casefold().split()
    if len(words) == 1 and (words[0] in WORDS_TOO or words[0] in NOT_A_NAME):
        return False
    return len(name) >= _LEAST_LETTERS
