"""One thing a message names."""

from dataclasses import dataclass
from typing import Literal

Type = Literal["order", "tracking", "amount", "date", "duration", "product", "plan"]


@dataclass(frozen=True, slots=True)
class Entity:
    """At characters `start` to `end`. `value` is its one form, as the event contract says."""

    type: Type
    text: str
    value: str
    start: int
    end: int
    unit: str | None = None


class Free:
    """Which characters of a text belong to no entity yet."""

    def __init__(self, length: int) -> None:
        self._taken = bytearray(length)

    def take(self, entity: Entity) -> bool:
        """Claims the entity's characters; says whether all of them were free."""
        if any(self._taken[entity.start : entity.end]):
            return False
        self._taken[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
        return True
