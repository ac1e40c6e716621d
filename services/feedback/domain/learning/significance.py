"""Several tests at once."""

from collections.abc import Sequence


def holm(chances: Sequence[float]) -> list[float]:
    """Adjusted p-values, in order: rejecting those up to alpha, the chance of any false rejection
    is at most alpha, whatever the tests have to do with each other.

    Holm, S. (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6(2), 65-70.
    """
    adjusted = [1.0] * len(chances)
    highest = 0.0
    ascending = sorted(range(len(chances)), key=lambda i: chances[i])
    for place, i in enumerate(ascending):
        highest = max(highest, (len(chances) - place) * chances[i])
        adjusted[i] = min(1.0, highest)
    return adjusted
