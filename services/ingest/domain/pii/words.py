"""Lists of words, written as text."""


def words(text: str) -> frozenset[str]:
    """The words of a text that spaces part."""
    return frozenset(text.split())
