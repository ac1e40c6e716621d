"""Counting by name, bounded."""

from collections.abc import Mapping

Counts = Mapping[str, int]
MOST_NAMES = 64
LONGEST_NAME = 64
OTHER = "other"


def counted(counts: Counts, name: str) -> Counts:
    """One more of `name`.

    Some names come from outside: past `MOST_NAMES` of them new ones count as `other`, so that no
    upstream can make a profile grow without end.
    """
    name = name[:LONGEST_NAME]
    if name not in counts and len(counts) >= MOST_NAMES:
        name = OTHER
    return {**counts, name: counts.get(name, 0) + 1}
