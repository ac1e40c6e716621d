"""A company's products and plans, found by their names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from services.classify.domain.entities.entity import Entity


@dataclass(frozen=True, slots=True)
class Product:
    """`names` are all the ways it is called."""

    id: str
    type: Literal["product", "plan"]
    names: tuple[str, ...]


class Catalogue:
    """Longest name first, letters of any case; a Latin name only as whole words."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._products = {
            _normal(name): product for product in reversed(products) for name in product.names
        }
        names = sorted(self._products, key=len, reverse=True)
        pattern = "|".join(_as_pattern(name) for name in names)
        self._pattern = re.compile(pattern, re.IGNORECASE) if names else None

    def find(self, text: str) -> Iterator[Entity]:
        if self._pattern is None:
            return
        for match in self._pattern.finditer(text):
            product = self._products[_normal(match[0])]
            yield Entity(product.type, match[0], product.id, match.start(), match.end())


def _normal(name: str) -> str:
    return " ".join(name.casefold().split())


def _as_pattern(name: str) -> str:
    before = r"(?<![a-z0-9])" if name[0].isascii() else ""
    after = r"(?![a-z0-9])" if name[-1].isascii() else ""
    return before + r"\s{1,2}".join(map(re.escape, name.split())) + after
