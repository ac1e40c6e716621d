"""What may be offered to a customer, each thing with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """`reason` is a typed code; `because` the title of what it goes with, or of the plan that will
    not do."""

    item_id: str
    title: str
    reason: str
    because: str | None = None


def first_of(offers: Iterable[Offer], most: int) -> tuple[Offer, ...]:
    """At most so many, in their order, each item once."""
    found: dict[str, Offer] = {}
    for offer in offers:
        found.setdefault(offer.item_id, offer)
    return tuple(found.values())[:most]
