"""Sentences with places for values: `{order}` and nothing else, so that no value is ever read as
part of a sentence."""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")


def places(template: str) -> frozenset[str]:
    """The names in its places. Raises ValueError for a brace that opens or closes none."""
    if re.search(r"[{}]", _PLACE.sub("", template)):
        raise ValueError("a brace that is no place such as {order}")
    return frozenset(_PLACE.findall(template))


def filled(template: str, values: Mapping[str, str]) -> str:
    """The sentence. In one pass: braces in a value stay braces. A value not there is `…`."""
    return _PLACE.sub(lambda match: values.get(match[1], "…"), template)
