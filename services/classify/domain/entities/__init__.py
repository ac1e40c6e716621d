"""What a message names: orders, amounts, dates, durations, products and plans, each at its place.

Every pattern is of bounded length from a fixed start, so that the work grows with the text alone.
"""

from collections.abc import Iterable
from datetime import datetime

from services.classify.domain.entities.amounts import find_amounts
from services.classify.domain.entities.catalogue import Catalogue, Product
from services.classify.domain.entities.dates import find_dates
from services.classify.domain.entities.entity import Entity, Free
from services.classify.domain.entities.references import find_references

__all__ = ["Catalogue", "Entity", "Product", "find_entities"]

MOST = 100
"""Entities told of one message; nobody names more things that matter."""


def find_entities(text: str, written_at: datetime, catalogue: Catalogue) -> list[Entity]:
    """Entities in order and without overlap; what stands earlier in this function wins.

    `written_at` is what relative dates are counted from.
    """
    kinds: tuple[Iterable[Entity], ...] = (
        find_references(text),
        find_amounts(text),
        find_dates(text, written_at.date()),
        catalogue.find(text),
    )
    free = Free(len(text))
    found = [entity for kind in kinds for entity in kind if free.take(entity)]
    return sorted(found, key=lambda entity: entity.start)[:MOST]
