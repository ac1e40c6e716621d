"""How much of a draft an agent changed."""


def edit_distance(first: str, second: str) -> float:
    """The normalised Levenshtein distance: the fewest characters to insert, delete or replace that
    make one text the other, over the length of the longer one. 0 is the same, 1 nothing alike.

    Hyyrö, H. (2003), "A bit-vector algorithm for computing Levenshtein and Damerau edit distances",
    Nordic Journal of Computing 10(1), 29-39: a row of the table is two integers of one bit a
    character, so that a letter of a thousand characters takes a few milliseconds.
    """
    longer = max(len(first), len(second))
    return _levenshtein(first, second) / longer if longer else 0.0


def _levenshtein(first: str, second: str) -> int:
    if not first:
        return len(second)
    places: dict[str, int] = {}
    for place, character in enumerate(first):
        places[character] = places.get(character, 0) | 1 << place
    every, last = (1 << len(first)) - 1, 1 << (len(first) - 1)
    # Where the row rises by one from its neighbour, and where it falls.
    up, down, distance = every, 0, len(first)
    for character in second:
        equal = places.get(character, 0)
        diagonal = (((equal & up) + up) ^ up) | equal | down
        rises = down | ~(diagonal | up)
        falls = diagonal & up
        distance += bool(rises & last) - bool(falls & last)
        rises = rises << 1 | 1
        up = (falls << 1 | ~(diagonal | rises)) & every
        down = rises & diagonal & every
    return distance
