"""How much must be seen before a finding is worth a person's time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts are of different customers, so that one customer alone makes no finding.

    false_discoveries: the share of findings that may be chance (Benjamini-Hochberg).
    least_wish: in the larger of the two periods.
    least_unhappy, least_unanswered, least_new: in a group.
    answered_from: at or above this `answerable` the knowledge base is held to have the answer.
    density_of_new: least mean cosine of a group's messages to its centre, for a new intent.
    repeat_hours, least_repeats: what a repeat contact is, and how many there must be.
    most: so many findings of a kind at most.
    most_grouped: grouping compares every two messages; of more than these a sample is drawn.
    """

    false_discoveries: float = 0.05
    least_wish: int = 10
    least_unhappy: int = 5
    least_unanswered: int = 4
    least_new: int = 8
    answered_from: float = 0.5
    density_of_new: float = 0.65
    repeat_hours: float = 72.0
    least_repeats: int = 5
    most: int = 8
    most_grouped: int = 4_000
