"""The words of a text, for search and insight."""

import re
from collections.abc import Callable, Iterator, Sequence

from shared.stop_words import STOP_WORDS

Segment = Callable[[str], Sequence[str]]
"""The words of a text written without spaces, in order."""

MOST_WORDS = 500
LONGEST_WORD = 40
_PLACEHOLDER = re.compile(r"\[[A-Z]+(?:_\d+)?\]")
_RUN = re.compile(
    r"[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[^\W_]+(?:['\u2019-][^\W_]+)*"
)
_UNSPACED = re.compile(r"[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
# Chinese and Latin stand side by side without spaces.
_BORDER = re.compile(r"(?<=[\u3041-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[\u3041-\u9fff])")


def words_of(text: str, segment: Segment) -> tuple[str, ...]:
    """Its different words in the order they come, at most `MOST_WORDS`."""
    found: dict[str, None] = {}
    for word in words_in(text, segment):
        found[word] = None
        if len(found) == MOST_WORDS:
            break
    return tuple(found)


def words_in(text: str, segment: Segment) -> Iterator[str]:
    """Its words in the order they come.

    In lower case, Chinese segmented, without placeholders and stop words; numbers and codes stay.
    """
    plain = _BORDER.sub(" ", _PLACEHOLDER.sub(" ", text)).lower()
    for run in _RUN.findall(plain):
        for word in segment(run) if _UNSPACED.match(run) else (run,):
            if word not in STOP_WORDS and len(word) <= LONGEST_WORD:
                yield word.replace("\u2019", "'")
