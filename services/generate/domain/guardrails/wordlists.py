"""Lists of words, written as text."""


def words(listed: str) -> frozenset[str]:
    """The words between the spaces and line breaks."""
    return frozenset(listed.split())
