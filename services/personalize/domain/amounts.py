"""Money and units as whole millionths: their sum is then the same in whatever order they come."""

MILLION = 1_000_000
LARGEST = 10**12
"""Larger amounts count as this one: a slip of an upstream's shall not make a sum useless."""
_FULL = 9 * 10**18
"""Sums stay within what a database keeps as a whole number (64 bits)."""


def millionths(amount: float) -> int:
    """The amount in millionths."""
    return round(max(-LARGEST, min(LARGEST, amount)) * MILLION)


def total(first: int, second: int) -> int:
    """The sum of two numbers of millionths."""
    return max(-_FULL, min(_FULL, first + second))


def amount(millionths: int) -> float:
    """What so many millionths are."""
    return millionths / MILLION
